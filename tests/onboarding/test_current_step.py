"""The step somebody is at when steps were done out of order: the same wherever it is said."""

import pytest
from django.utils import timezone

from onboarding.models import Member, Step
from onboarding.reminding import reminders
from onboarding.steps import checklist, current_step
from onboarding.steps.step_views import steps_of
from onboarding.team import board, board_lines
from portal.models import Notice
from tests.factories import make_founder, make_member

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def signed_in():
    """A member whose sign-in was seen in AWS before they ticked anything."""
    member = make_member()
    checklist.see(member, Step.ORG_SIGN_IN, at=timezone.now(), evidence="CloudTrail")
    member.refresh_from_db()
    return member


def test_the_first_that_is_to_do_is_the_current_one(signed_in):
    steps = steps_of(signed_in, signed_in.steps.all())

    assert [step.slug for step in steps if step.is_current] == ["activate"]


def test_the_filter_finds_them_there_and_nowhere_else(signed_in):
    found = [step for step in Step if board.select(board.Filters(step=step)).exists()]

    assert found == [Step.ACTIVATE]


def test_the_export_says_so(signed_in):
    row = dict(zip(board.EXPORT, next(board.export(board.Filters())), strict=True))

    assert (row["step"], row["steps_done"]) == ("activate", 1)


def test_so_does_the_badge(signed_in):
    badge = board.rows([signed_in])[0].badge

    assert (badge.text, badge.tone) == ("Invited", "info")


def test_the_board_has_the_same_badge(signed_in):
    found = board_lines.found(board.Filters(), range(50))

    row = board_lines.drawn(found, [signed_in.plan], now=timezone.now())[0]
    assert '<span class="badge badge--info">Invited</span>' in row.html


def test_the_reminder_names_it(signed_in, monkeypatch):
    monkeypatch.setattr(reminders, "wait_for_working_hour", lambda now: None)
    notice = Notice(kind=reminders.KIND, key=f"reminder:{signed_in.pk}:1:3", pk=0)

    assert "Activate your AWS sign-in" in reminders.render(notice).subject


def test_a_step_taken_back_is_the_current_one():
    member = make_member(done=4)

    checklist.undo(member, Step.CANCEL_INDIVIDUAL, by=make_founder())

    assert list(board.select(board.Filters(step=Step.CANCEL_INDIVIDUAL))) == [member]


def test_whoever_has_taken_all_is_at_none():
    make_member(done=5, status=Member.Status.INVITED)

    rows = Member.objects.annotate(step=current_step.column())
    assert rows.get().step == ""
