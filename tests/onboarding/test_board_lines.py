"""The board's rows and what stands around them: right on both databases, and never out of date."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from onboarding.models import DirectoryCheck, Member, Plan
from onboarding.team import board, board_frame, board_lines
from tests.factories import make_member, make_queued

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=9, minutes=30)
pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def templates(monkeypatch):
    """Those that were rendered for rows."""
    asked, real = [], board_lines.render_to_string
    monkeypatch.setattr(
        board_lines, "render_to_string", lambda *args: asked.append(args[0]) or real(*args)
    )
    return asked


def row():
    found = board_lines.found(board.Filters(), range(50))
    return board_lines.drawn(found, Plan.objects.all(), now=timezone.now())[0]


def settled(**fields):
    """Nothing about them is younger than days."""
    moments = dict.fromkeys(
        ("invited_at", "last_activity_at", "seat_requested_at", "added_at"), LONG_AGO
    )
    return make_member(**{**moments, **fields})


def test_steps_are_told_seen_or_to_do():
    member = make_member(done=3)
    member.steps.filter(step="cancel-individual").update(seen_at=timezone.now())

    assert 'aria-label="told, seen, told, to do, to do"' in row().html


def test_nobody_has_begun():
    make_member()

    assert 'aria-label="to do, to do, to do, to do, to do"' in row().html


def test_a_row_is_made_once_while_nothing_changes(clock, templates):
    settled(done=2)
    first = row()

    assert row() is first
    assert len(templates) == 1


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"email": "other@example.com"}, "other@example.com"),
        ({"given_name": "Grace"}, "Grace"),
        ({"family_name": "Hopper"}, "Hopper"),
        ({"trouble": "stuck"}, "No progress"),
        ({"status": "failed", "last_error": "The quota is reached."}, "Try again"),
        ({"status": "queued", "next_try_at": None}, "On hold"),
        ({"status": "leaving", "leaves_on": "2026-12-24"}, "Leaving on 24 Dec"),
        ({"is_quarantined": True}, "Try again"),
        ({"invited_at": LONG_AGO - timedelta(days=3)}, ">12 d<"),
        ({"invited_at": None, "added_at": LONG_AGO - timedelta(days=4), "status": "failed"}, ">13 d<"),
        ({"last_activity_at": NOW - timedelta(days=3, hours=1)}, "3 d ago"),
        ({"trouble": "seat-missing", "seat_requested_at": NOW - timedelta(hours=30)}, ", 30 h"),
    ],
)  # fmt: skip
def test_a_change_is_shown_at_once(clock, change, shown):
    member = settled()
    assert shown not in row().html

    Member.objects.filter(pk=member.pk).update(**change)

    assert shown in row().html


@pytest.mark.parametrize(
    ("change", "shown"),
    [({"name": "Boundless"}, "Boundless"), ({"price": Decimal("77.00")}, "$77.00"),
     ({"currency": "EUR"}, "€40.00")],
)  # fmt: skip
def test_a_changed_plan_is_shown_at_once(clock, change, shown):
    member = settled(trouble="pays-twice")
    assert shown not in row().html

    Plan.objects.filter(pk=member.plan_id).update(**change)

    assert shown in row().html


@pytest.mark.parametrize(
    ("fields", "before", "wait", "after"),
    [
        ({"invited_at": NOW - timedelta(seconds=30)}, ">30 s<", 1, ">31 s<"),
        ({"invited_at": NOW - timedelta(seconds=59)}, ">59 s<", 1, ">1 min<"),
        ({"invited_at": NOW - timedelta(minutes=5)}, ">5 min<", 60, ">6 min<"),
        ({"invited_at": NOW - timedelta(minutes=59)}, ">59 min<", 60, ">1 h<"),
        ({"invited_at": NOW - timedelta(hours=3)}, ">3 h<", 3600, ">4 h<"),
        ({"invited_at": NOW - timedelta(hours=23)}, ">23 h<", 3600, ">1 d<"),
        ({"invited_at": NOW - timedelta(days=5, hours=23)}, ">5 d<", 3600, ">6 d<"),
        ({"last_activity_at": NOW - timedelta(minutes=5)}, ">5 min ago<", 60, ">6 min ago<"),
        ({"trouble": "seat-missing", "seat_requested_at": NOW - timedelta(hours=47)}, ", 47 h<", 3600, ", 2 d<"),
        ({"trouble": "stuck", "last_activity_at": NOW - timedelta(hours=40)}, ", 40 h<", 3600, ", 41 h<"),
    ],
)  # fmt: skip
def test_words_that_age_are_made_anew_to_the_second(clock, fields, before, wait, after):
    settled(**fields)
    assert before in row().html

    clock.shift(wait - 1)
    just_before = row().html
    clock.shift(1)

    assert before in just_before
    assert after in row().html


def test_a_clock_that_was_set_back_is_followed(clock):
    settled(invited_at=NOW - timedelta(minutes=5))
    row()

    clock.shift(-120)

    assert ">3 min<" in row().html


def test_work_that_waits_is_in_work_once_it_is_due(clock):
    member = settled()
    Member.objects.filter(pk=member.pk).update(next_try_at=NOW + timedelta(seconds=10))
    before = row().is_in_work

    clock.shift(10)

    assert (before, row().is_in_work) == (False, True)


def test_whoever_is_being_set_up_is_in_work():
    make_queued()

    assert row().is_in_work


def test_a_row_knows_no_more_than_it_was_read_with(clock, django_assert_num_queries):
    for trouble in Member.Trouble:
        settled(trouble=trouble)
    found = board_lines.found(board.Filters(), range(50))
    plans = list(Plan.objects.all())

    with django_assert_num_queries(0):
        board_lines.drawn(found, plans, now=timezone.now())


def test_a_name_is_text():
    make_member(given_name="<b>Ada</b>")

    assert "<b>Ada" not in row().html


def test_a_row_has_its_icon():
    make_member()

    assert "<svg" in row().html


@pytest.mark.parametrize(
    ("word", "is_found"),
    [("aDa", True), ("LOVE", True), ("ada@", True), ("a%a", False), ("_da", False), ("\\", False),
     ("ovelace ada@", True)],
)  # fmt: skip
def test_a_word_is_found_in_any_case_and_means_itself(word, is_found):
    make_member(given_name="Ada", family_name="Lovelace", email="ada@example.com")

    assert board_frame.load(board.Filters(q=word)).matching == is_found


def test_what_is_searched_follows_the_row():
    member = make_member(given_name="Ada")

    Member.objects.filter(pk=member.pk).update(given_name="Grace")

    found = [board_frame.load(board.Filters(q=word)).matching for word in ("ada", "grace")]
    assert found == [0, 1]


def test_what_stands_around():
    make_member(trouble="stuck")
    make_member()
    make_member(status=Member.Status.REMOVED, trouble="stuck")
    checked_at = timezone.now() - timedelta(hours=1)
    DirectoryCheck.objects.create(outcome="done", finished_at=checked_at)

    frame = board_frame.load(board.Filters())

    assert (frame.people, frame.in_trouble, frame.checked_at) == (2, 1, checked_at)
    assert frame.company.company_name


@pytest.mark.parametrize(
    "asked",
    [{"q": "ada"}, {"status": "trouble"}, {"status": "removed"}, {"plan": "pro"},
     {"step": "activate"}, {"step": "sign-out"}, {"q": "ada", "status": "removed"},
     {"q": "ada", "status": "trouble"}, {"status": "invited"}, {"status": "no such"}],
)  # fmt: skip
def test_a_filter_counts_whom_it_shows_and_still_everybody(asked):
    make_member(given_name="Ada", trouble="stuck", plan="pro")
    make_member(given_name="Grace", done=2)
    make_member(given_name="Ada", status=Member.Status.REMOVED, trouble="stuck")
    filters = board.Filters(**asked)

    frame = board_frame.load(filters)

    assert (frame.people, frame.in_trouble) == (2, 1)
    assert frame.matching == len(board.select(filters)) > 0


def test_the_plans_are_those_of_the_table():
    Plan.objects.filter(code="pro").update(price=Decimal("19.95"))

    plans = board_frame.load(board.Filters()).plans

    fields = ("pk", "code", "name", "price", "currency", "is_default")
    assert [tuple(getattr(plan, name) for name in fields) for plan in plans] == list(
        Plan.objects.order_by("price").values_list(*fields)
    )
