"""Rows for tests: plain functions with sensible defaults."""

from itertools import count

from django.utils import timezone

from onboarding.models import Member, Plan, Step, StepRecord
from onboarding.team import invitations
from portal.models import User, Workspace

_numbers = count(1)


def make_user(*, role=User.Role.MEMBER, email="", name="Some One"):
    email = email or f"user{next(_numbers)}@example.com"
    return User.objects.create_user(email, role=role, name=name)


def make_founder(*, email="", name="Helen Moss"):
    return make_user(role=User.Role.FOUNDER, email=email, name=name)


def make_workspace(**fields):
    """A company connected to Identity Center; the ids are the embedded AWS's own."""
    values = {
        "company_name": "Northwind Labs",
        "account_id": "123456789012",
        "identity_store_id": "d-9067c1a2b3",
        "identity_center_region": "us-east-1",
        "sign_in_url": "https://d-9067c1a2b3.awsapps.com/start",
        **fields,
    }
    if not Workspace.objects.filter(pk=1).update(**values):
        Workspace.objects.create(pk=1, **values)
    return Workspace.objects.get(pk=1)


def get_plan(code="pro-plus"):
    return Plan.objects.get(code=code)


def make_queued(*, email="", given_name="Ada", family_name="Lovelace", plan="pro-plus", **fields):
    """A member whom the portal has still to set up."""
    email = email or f"member{next(_numbers)}@example.com"
    return Member.objects.create(
        email=email,
        given_name=given_name,
        family_name=family_name,
        plan=get_plan(plan),
        user=make_user(email=email, name=f"{given_name} {family_name}"),
        **{"next_try_at": timezone.now(), **fields},
    )


def make_member(*, done=0, **fields):
    """A member who is set up and invited, with the first `done` steps told."""
    values = {
        "status": Member.Status.VERIFIED if done == len(Step) else Member.Status.INVITED,
        "directory_user_id": f"9067c1a2b3-{next(_numbers):08d}",
        "seat_group_id": "9067c1a2b3-group",
        "seat_requested_at": timezone.now(),
        "invited_at": timezone.now(),
        "invitation_nonce": invitations.new_nonce(),
        "steps_done": done,
        **fields,
        "next_try_at": None,
    }
    member = make_queued(**values)
    for step in list(Step)[:done]:
        StepRecord.objects.create(member=member, step=step, told_at=timezone.now())
    return member
