"""Repairing seats at AWS, once a founder has asked: joining the right group, leaving the others."""

import logging
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from onboarding.drift import drifts
from onboarding.gateways import identity_center
from onboarding.gateways.identity_center import Directory
from onboarding.models import Drift, Member
from onboarding.team import provisioning
from onboarding.team.trouble import NeedsPerson
from portal import attempts, audit, aws, jobs, lease_holders
from portal.models import Workspace

logger = logging.getLogger(__name__)

# The sweep finds these rows in every process that knows how to work on them.
jobs.register(Drift, "onboarding.tasks.repair_drift")


class Busy(Exception):
    """Another worker is at this member: look again in a moment."""


def carry_out(pk: int) -> float | None:
    """Work on the repair if it is due and free; seconds until the next try, else None."""
    if jobs.is_paused():
        return None
    return attempts.carry_out(Drift, pk, _attempt)


def _attempt(row: Drift) -> float | None:
    """Raises: jobs.LeaseLost."""
    try:
        _repair(row)
    except Busy:
        return jobs.try_later(row, code="busy", reason="Another job is at this member.")
    except aws.AwsUnavailable as error:
        return attempts.put_off(row, error, reason=f"{error.operation}: {error.message}")
    except aws.AwsDenied as error:
        jobs.pause_all(f"{error.operation}: {error.message}")
        jobs.try_later(row, code=error.code, reason=error.message, counts=False)
    except aws.AwsError as error:
        jobs.give_up(row, code=error.code, reason=f"{error.operation}: {error.message}")
    except NeedsPerson as question:
        jobs.give_up(row, code=question.code, reason=question.reason)
    return None


def _repair(row: Drift) -> None:
    directory = provisioning.directory_of(Workspace.load())
    if row.member_id:
        _restore_seat(directory, row, row.member_id)
    else:
        _evict(directory, row)
    jobs.resume_all()


# A stranger ------------------------------------------------------------------------------------


def _evict(directory: Directory, row: Drift) -> None:
    """Out of the seat groups, unless the stranger has become a member meanwhile."""
    if Member.objects.on_team().filter(directory_user_id=row.directory_user_id).exists():
        _finish(row, Drift.Ending.GONE)
        return
    request_ids = [_leave(directory, row, group_id) for group_id in row.group_ids]
    _finish(row, Drift.Ending.REPAIRED, request_id=" ".join(filter(None, request_ids)))


def _leave(directory: Directory, row: Drift, group_id: str) -> str:
    """The AWS request id; empty when the user was not in the group any more."""
    jobs.renew(row)
    user_id = row.directory_user_id
    try:
        membership = identity_center.membership_id(directory, group_id=group_id, user_id=user_id)
        return identity_center.leave_group(directory, membership)
    except aws.AwsNotFound:
        return ""


@transaction.atomic
def _finish(row: Drift, ending: Drift.Ending, *, request_id: str = "") -> None:
    jobs.finish(row, expect={"closed_at": None}, closed_at=timezone.now(), ending=ending)
    drifts.show_on_board()
    audit.record(
        f"drift.{ending.value}",
        subject=row.subject,
        actor=row.repair_asked_by,
        detail={"kind": row.kind, "directory_user_id": row.directory_user_id, "email": row.email},
        aws_request_id=request_id[:100],
    )


# A member --------------------------------------------------------------------------------------


def _restore_seat(directory: Directory, row: Drift, pk: int) -> None:
    """Into the plan's group, then out of the others: never without a seat.

    The member's own row is held meanwhile, so that leaving or another plan waits its turn.
    """
    member = _hold(pk)
    if member is None:
        _finish(row, Drift.Ending.GONE)
        return
    try:
        _move(directory, row, member)
    finally:
        _let_go(member)


def _hold(pk: int) -> Member | None:
    """The member under a lease of ours; None for whoever is not set up or leaves. Raises: Busy."""
    now, lease = timezone.now(), lease_holders.new_lease()
    rows = Member.objects.set_up().filter(pk=pk)
    free = rows.filter(Q(leased_until=None) | Q(leased_until__lt=now), next_try_at=None)
    if free.update(lease=lease, leased_until=now + jobs.LEASE):
        return rows.select_related("plan").get(lease=lease)
    if rows.exists():
        raise Busy
    return None


def _let_go(member: Member) -> None:
    ours = Member.objects.filter(pk=member.pk, lease=member.lease)
    ours.update(lease="", leased_until=None)


def _move(directory: Directory, row: Drift, member: Member) -> None:
    wanted = member.plan.seat_group_id
    if not wanted:
        raise NeedsPerson(
            Member.Trouble.NOT_CONNECTED, f"No seat group is chosen for {member.plan.name} yet."
        )
    if wanted not in row.group_ids:
        _join(directory, row, member, wanted)
    for group_id in row.group_ids:
        if group_id != wanted:
            jobs.renew(member)
            _note_left(member, group_id, _leave(directory, row, group_id))
    _finish(row, Drift.Ending.REPAIRED)


def _join(directory: Directory, row: Drift, member: Member, group_id: str) -> None:
    jobs.renew(row)
    jobs.renew(member)
    user_id, request_id = row.directory_user_id, ""
    try:
        made = identity_center.join_group(directory, group_id=group_id, user_id=user_id)
        request_id = made.request_id
    except aws.AwsConflict:
        logger.info("Member %s is in the seat group already", member.pk)
    with transaction.atomic():
        jobs.write(
            member,
            seat_group_id=group_id,
            old_seat_group_id="",
            seat_requested_at=timezone.now(),
        )
        _note(member, "seat.requested", group_id, request_id, plan=member.plan.code)


def _note_left(member: Member, group_id: str, request_id: str) -> None:
    _note(member, "seat.given_back", group_id, request_id)


def _note(member: Member, action: str, group_id: str, request_id: str, **more: Any) -> None:
    audit.record(
        action,
        subject=f"member:{member.pk}",
        detail={"group_id": group_id, **more},
        aws_request_id=request_id,
    )
