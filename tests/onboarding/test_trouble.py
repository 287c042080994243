"""Why a founder should look at somebody, by the state of the row and the clock."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.models import Member
from onboarding.team import addresses, invitations, members, trouble
from portal.models import Notice
from tests.factories import make_founder, make_member, make_queued

pytestmark = pytest.mark.django_db
NOW = timezone.now()
Trouble = Member.Trouble


def of(is_mail_refused=False, **fields):
    fields.setdefault("status", Member.Status.INVITED)
    fields.setdefault("invited_at", NOW - timedelta(hours=1))
    return trouble.trouble_of(Member(**fields), is_mail_refused=is_mail_refused, now=NOW)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        ({"status": "queued"}, None),
        ({"status": "queued", "is_quarantined": True}, Trouble.KEEPS_FAILING),
        ({"status": "failed", "failure_code": "name-taken"}, Trouble.NAME_TAKEN),
        ({"status": "failed", "failure_code": "ValidationException"}, Trouble.REFUSED),
        ({"verdict": "personal"}, Trouble.WRONG_IDENTITY),
        ({"verdict": "wrong-plan"}, Trouble.WRONG_PLAN),
        ({"individual_plan": "still-paid"}, Trouble.PAYS_TWICE),
        ({"individual_plan": "cancelled"}, None),
        ({"verdict": "not-yet", "seat_requested_at": NOW - timedelta(hours=23)}, None),
        (
            {"verdict": "not-yet", "seat_requested_at": NOW - timedelta(hours=25)},
            Trouble.SEAT_MISSING,
        ),
        ({"invited_at": NOW - timedelta(days=2, hours=23)}, None),
        ({"invited_at": NOW - timedelta(days=4)}, Trouble.STUCK),
        ({"invited_at": NOW - timedelta(days=9), "last_activity_at": NOW}, None),
        ({"status": "verified", "invited_at": NOW - timedelta(days=99)}, None),
        ({"status": "removed", "verdict": "personal"}, None),
    ],
)
def test_trouble(fields, expected):
    assert of(**fields) == expected


def test_refused_mail_is_trouble():
    assert of(is_mail_refused=True) == Trouble.MAIL_REFUSED


def test_time_alone_brings_a_member_into_trouble():
    member = make_member(invited_at=NOW - timedelta(days=4))

    trouble.assess_waiting()

    member.refresh_from_db()
    assert member.trouble == Trouble.STUCK


def test_refused_mail_reaches_the_board():
    member = make_member()
    Notice.objects.create(
        kind="invitation",
        key="k",
        to=member.email,
        about=f"member:{member.pk}",
        failure_code="refused",
    )

    trouble.assess_waiting()

    member.refresh_from_db()
    assert member.trouble == Trouble.MAIL_REFUSED


def test_trouble_keeps_its_beginning():
    member = make_queued(status="failed", failure_code="refused")
    trouble.assess(member)
    began = member.trouble_since

    trouble.assess(member)

    member.refresh_from_db()
    assert member.trouble_since == began


# A mail that was refused -----------------------------------------------------------------------


@pytest.fixture
def refused():
    """A member who is in trouble because of a reminder that the mail server did not take."""
    member = make_member()
    _mail(member, "reminder:1", failure_code="refused")
    trouble.assess(member)
    return member


def _mail(member, key, **fields):
    kind = key.partition(":")[0]
    about = f"member:{member.pk}"
    return Notice.objects.create(kind=kind, key=key, to=member.email, about=about, **fields)


def test_any_refused_mail_is_trouble(refused):
    assert refused.trouble == Trouble.MAIL_REFUSED


def test_a_new_invitation_heals_it(refused):
    invitations.resend(refused, actor=make_founder())

    refused.refresh_from_db()
    assert refused.trouble == ""


def test_another_try_heals_it(refused):
    members.retry(refused, actor=make_founder())

    refused.refresh_from_db()
    assert refused.trouble == ""


def test_another_try_sends_that_mail_again(refused):
    members.retry(refused, actor=make_founder())

    assert Notice.objects.get().next_try_at is not None


def test_a_later_mail_that_was_taken_heals_it(refused):
    _mail(refused, "reminder:2", sent_at=NOW)

    trouble.assess_waiting()

    refused.refresh_from_db()
    assert refused.trouble == ""


def test_another_address_heals_it(refused):
    addresses.move(refused, email="corrected@example.com", actor=make_founder())

    refused.refresh_from_db()
    assert refused.trouble == ""


def test_it_stays_while_the_last_mail_was_refused(refused):
    _mail(refused, "reminder:2", failure_code="refused")

    trouble.assess_waiting()

    refused.refresh_from_db()
    assert refused.trouble == Trouble.MAIL_REFUSED
