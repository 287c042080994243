"""What webhooks hear of members: begun, verified, in trouble, stuck; each once, and not by the hundred."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.models import Member, Step
from onboarding.steps import checklist, stuck
from onboarding.team import trouble
from portal.models import Delivery
from portal.webhooks import hooks
from portal.webhooks.events import Event
from tests.factories import make_founder, make_member, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def webhook():
    make_workspace()
    url = "https://hooks.example.com/x"
    return hooks.add(name="Ops", kind="json", url=url, events=list(Event), by=make_founder())


def told():
    return [(each.event, each.payload["text"]) for each in Delivery.objects.order_by("pk")]


def test_the_first_step_is_told_once():
    member = make_member(given_name="Ada")

    checklist.tick(member, Step.ACTIVATE, by=member.user)
    checklist.undo(member, Step.ACTIVATE, by=member.user)
    checklist.tick(member, Step.ACTIVATE, by=member.user)

    assert told() == [("member.joined", "Ada Lovelace has begun.")]


def test_the_last_step_is_told():
    member = make_member(given_name="Ada", done=4)

    checklist.tick(member, Step.VERIFY_PLAN, by=member.user, checked=True)

    assert told() == [("member.verified", "Ada Lovelace is verified.")]


def test_a_call_for_help_is_told_without_what_was_pasted():
    member = make_member(given_name="Ada")

    stuck.ask(member, Step.ACTIVATE, text="my boss reads this", diagnosis="", by=member.user)

    ((event, text),) = told()
    assert event == "help.wanted"
    assert "Ada Lovelace is stuck on" in text
    assert "my boss" not in str(Delivery.objects.get().payload)


def test_trouble_is_told_and_its_end_is_not():
    member = make_member(given_name="Ada", done=1)
    checklist.tick(member, Step.CANCEL_INDIVIDUAL, by=member.user, answer="still-paid")

    checklist.tick(member, Step.CANCEL_INDIVIDUAL, by=member.user, answer="none")

    assert told() == [("member.trouble", "Ada Lovelace: Pays twice.")]


def test_the_same_trouble_of_many_is_one_message():
    long_ago = timezone.now() - timedelta(days=9)
    for _ in range(30):
        make_member(invited_at=long_ago)

    trouble.assess_waiting()
    trouble.assess_waiting()

    assert Member.objects.filter(trouble="stuck").count() == 30
    ((event, text),) = told()
    assert event == "member.trouble"
    assert text.endswith("and 27 more: No progress.")


def test_no_address_goes_out():
    member = make_member(email="secret@example.com")

    checklist.tick(member, Step.ACTIVATE, by=member.user)

    assert "secret@example.com" not in str(Delivery.objects.get().payload)
