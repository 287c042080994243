"""A member's seat: membership of the plan's group. `Member.seat_group_id` is the group we know of.

A change of plan joins the new group before it leaves the old one, and notes each step before the
next: a crash leaves the member with one seat or, until the next try, with two (which Kiro bills
once, at the higher plan), never with none.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from onboarding.gateways import identity_center
from onboarding.gateways.identity_center import Directory
from onboarding.models import Member
from onboarding.team.trouble import NeedsPerson
from portal import audit, aws, jobs


def ensure(directory: Directory, member: Member) -> None:
    """Bring the member into the plan's group and out of the one before, on a row that is held.

    Raises: NeedsPerson, jobs.LeaseLost, aws.AwsError.
    """
    group_id = member.plan.seat_group_id
    if not group_id:
        raise NeedsPerson(
            Member.Trouble.NOT_CONNECTED, f"No seat group is chosen for {member.plan.name} yet."
        )
    if member.seat_group_id != group_id:
        _join(directory, member, group_id)
    if member.old_seat_group_id:
        _leave_old(directory, member)


def _join(directory: Directory, member: Member, group_id: str) -> None:
    if member.old_seat_group_id and member.old_seat_group_id != group_id:
        _leave_old(directory, member)  # a second change while the first was under way
    # Noted before it is asked: should the answer be lost and the plan change again, or the member
    # leave, this group is left as well.
    jobs.write(member, old_seat_group_id=group_id, leased_until=timezone.now() + jobs.LEASE)
    request_id = _ask_to_join(directory, member, group_id)
    with transaction.atomic():
        jobs.write(
            member,
            old_seat_group_id=member.seat_group_id,
            seat_group_id=group_id,
            seat_requested_at=timezone.now(),
            failures=0,
        )
        audit.record(
            "seat.requested",
            subject=f"member:{member.pk}",
            detail={"plan": member.plan.code, "group_id": group_id},
            aws_request_id=request_id,
        )


def _ask_to_join(directory: Directory, member: Member, group_id: str) -> str:
    """Join the group, whoever did it; the request id when it was this call."""
    user_id = member.directory_user_id
    try:
        return identity_center.join_group(directory, group_id=group_id, user_id=user_id).request_id
    except aws.AwsConflict:
        identity_center.membership_id(directory, group_id=group_id, user_id=user_id)
        return ""
    except aws.AwsNotFound as error:
        raise NeedsPerson(
            Member.Trouble.REFUSED,
            f"The seat group or the user is gone from Identity Center: {error.message}",
        ) from error


def _leave_old(directory: Directory, member: Member) -> None:
    _leave(directory, member, member.old_seat_group_id, forget="old_seat_group_id")


def give_back(directory: Directory, member: Member) -> None:
    """Leave every seat group we know the member to be in."""
    for field in ("old_seat_group_id", "seat_group_id"):
        if group_id := getattr(member, field):
            _leave(directory, member, group_id, forget=field)


def _leave(directory: Directory, member: Member, group_id: str, *, forget: str) -> None:
    """Leave the group; not being in it is what was wanted. Keeps `seat_group_id` of who is on
    the team, so it is forgotten only on the row of a member who leaves."""
    jobs.renew(member)
    request_id = _ask_to_leave(directory, member.directory_user_id, group_id)
    with transaction.atomic():
        changes: dict[str, Any] = {"failures": 0, forget: ""}
        jobs.write(member, **changes)
        audit.record(
            "seat.given_back",
            subject=f"member:{member.pk}",
            detail={"group_id": group_id},
            aws_request_id=request_id,
        )


def _ask_to_leave(directory: Directory, user_id: str, group_id: str) -> str:
    try:
        membership_id = identity_center.membership_id(directory, group_id=group_id, user_id=user_id)
        return identity_center.leave_group(directory, membership_id)
    except aws.AwsNotFound:
        return ""
