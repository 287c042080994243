"""The board's lines and what stands around them: right on both databases, and never out of date."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from onboarding.models import DirectoryCheck, Member, Plan
from onboarding.team import board, board_frame, board_lines
from portal.templatetags import portal as tags
from tests.factories import make_founder, make_member

LONG_AGO = timezone.now() - timedelta(days=9, hours=1)
pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def line():
    members = board_lines.found(board.Filters(), range(50))
    return board_lines.lines(members, Plan.objects.all(), now=timezone.now())[0]


def test_steps_are_told_seen_or_to_do():
    member = make_member(done=3)
    member.steps.filter(step="cancel-individual").update(seen_at=timezone.now())

    assert line().steps == ("told", "seen", "told", "to do", "to do")


def test_nobody_has_begun():
    make_member()

    assert line().steps == ("to do",) * 5


def test_a_line_is_the_same_while_nothing_changes():
    make_member(done=2, invited_at=LONG_AGO, last_activity_at=LONG_AGO)

    assert line() == line()


def test_a_row_is_made_once_for_the_same_line():
    make_member()
    same = line()
    tags.rows("onboarding/_row.html", [same])
    made = tags._row.cache_info().misses

    tags.rows("onboarding/_row.html", [same])

    assert tags._row.cache_info().misses == made


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"given_name": "Grace"}, "Grace"),
        ({"trouble": "stuck"}, "No progress"),
        ({"status": "failed", "last_error": "The quota is reached."}, "Try again"),
        ({"last_activity_at": timezone.now() - timedelta(days=3, hours=1)}, "3 d ago"),
    ],
)
def test_a_change_is_shown_at_once(client, change, shown):
    client.force_login(make_founder())
    member = make_member()
    assert shown not in client.get("/team/").content.decode().partition("<tbody>")[2]

    Member.objects.filter(pk=member.pk).update(**change)

    assert shown in client.get("/team/").content.decode().partition("<tbody>")[2]


def test_a_name_is_text():
    make_member(given_name="<b>Ada</b>")

    assert "<b>" not in tags.rows("onboarding/_row.html", [line()])


def test_what_stands_around():
    make_member(trouble="stuck")
    make_member()
    make_member(status=Member.Status.REMOVED, trouble="stuck")
    checked_at = timezone.now() - timedelta(hours=1)
    DirectoryCheck.objects.create(outcome="done", finished_at=checked_at)

    frame = board_frame.load()

    assert (frame.people, frame.in_trouble, frame.checked_at) == (2, 1, checked_at)
    assert frame.company.company_name


def test_the_plans_are_those_of_the_table():
    Plan.objects.filter(code="pro").update(price=Decimal("19.95"))

    plans = board_frame.load().plans

    fields = ("pk", "code", "name", "price", "currency", "is_default")
    assert [tuple(getattr(plan, name) for name in fields) for plan in plans] == list(
        Plan.objects.order_by("price").values_list(*fields)
    )


def test_an_icon_is_the_one_asked_for():
    make_member()

    page = render_to_string("onboarding/_row.html", line()._asdict())

    assert 'aria-hidden="true"' in page
    assert "<svg" in page
