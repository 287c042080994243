"""Bringing what AWS has in line with a member's row; safe to repeat at any point.

One attempt: claim the row, see what is still missing, call AWS, commit each result with its audit
event, let go. What the row wants follows from its status: queued members want a user, a seat and an
invitation; members on the team want the seat of their plan; leaving ones want neither.
"""

import logging

from django.db import transaction
from django.utils import timezone

from onboarding.gateways.identity_center import Directory
from onboarding.models import Member
from onboarding.team import directory_users, invitations, offboarding, seats, trouble
from onboarding.team.trouble import NeedsPerson
from portal import attempts, audit, aws, jobs, permissions
from portal.models import Workspace

logger = logging.getLogger(__name__)


def provision(pk: int) -> float | None:
    """Work on the member if the row is due and free.

    Returns: seconds until the next try when there is to be one, else None.
    """
    if jobs.is_paused():
        return None
    member = jobs.claim(Member, pk)
    if member is None:
        return None
    try:
        return attempts.make(member, _attempt, then=trouble.assess)
    except jobs.LeaseLost:
        return _let_go(member)


def _let_go(member: Member) -> float | None:
    """The row changed under us: asked for more, or taken over. If ours, look again at once."""
    ours = Member.objects.filter(pk=member.pk, lease=member.lease)
    if ours.update(lease="", leased_until=None):
        return 0.0
    logger.info("Member %s: the row changed hands meanwhile", member.pk)
    return None


def _attempt(member: Member) -> float | None:
    """Raises: jobs.LeaseLost."""
    try:
        _bring_in_line(member)
    except NeedsPerson as question:
        _hand_to_person(member, question)
    except aws.AwsUnavailable as error:
        return _put_off(member, error)
    except aws.AwsDenied as error:
        _denied(member, error)
    except aws.AwsError as error:
        reason = f"{error.operation}: {error.message}"
        _hand_to_person(member, NeedsPerson(Member.Trouble.REFUSED, reason))
    return None


def _bring_in_line(member: Member) -> None:
    if member.status == Member.Status.LEAVING:
        offboarding.take_out(member)
    else:
        directory = directory_of(Workspace.load())
        if not member.directory_user_id:
            directory_users.ensure(directory, member)
        directory_users.send_name(directory, member)
        seats.ensure(directory, member)
        _settle(member)
    jobs.resume_all()


def directory_of(workspace: Workspace) -> Directory:
    """Raises: NeedsPerson while the portal is not connected."""
    if not workspace.is_connected:
        raise NeedsPerson(Member.Trouble.NOT_CONNECTED, "The portal is not connected to AWS yet.")
    return Directory(workspace.identity_store_id, workspace.identity_center_region)


# The end of an attempt -------------------------------------------------------------------------


@transaction.atomic
def _settle(member: Member) -> None:
    """All is as the row wanted it. Whoever was invited before is not invited again.

    Raises: jobs.LeaseLost when a founder asked for something else meanwhile.
    """
    as_claimed = {"status": member.status, "next_try_at": member.next_try_at}
    if member.invited_at:
        is_queued = member.status in {Member.Status.QUEUED, Member.Status.FAILED}
        status = Member.Status.INVITED if is_queued else member.status
        jobs.finish(member, expect=as_claimed, status=status)
    else:
        jobs.finish(
            member,
            expect=as_claimed,
            status=Member.Status.INVITED,
            invited_at=timezone.now(),
            invitation_nonce=invitations.new_nonce(),
        )
        invitations.post(member)
    trouble.assess(member)
    audit.record("member.set_up", subject=f"member:{member.pk}")


@transaction.atomic
def _hand_to_person(member: Member, question: NeedsPerson) -> None:
    is_new = member.status == Member.Status.QUEUED
    status = Member.Status.FAILED if is_new else member.status
    jobs.give_up(member, code=question.code, reason=question.reason, status=status)
    trouble.assess(member)
    audit.record(
        "member.setup_stopped",
        subject=f"member:{member.pk}",
        detail={"why": question.code, "reason": question.reason},
        result=audit.Result.FAILED,
    )


def _denied(member: Member, error: aws.AwsDenied) -> None:
    """A permission that the rest can do without stops this row; anything else stops everybody."""
    missing = permissions.missing(error)
    if missing in permissions.OPTIONAL:
        reason = permissions.how_to_add(missing)
        _hand_to_person(member, NeedsPerson(Member.Trouble.REFUSED, reason))
        return
    jobs.pause_all(f"{error.operation}: {error.message}")
    jobs.try_later(member, code=error.code, reason=error.message, counts=False)


def _put_off(member: Member, error: aws.AwsUnavailable) -> float | None:
    """Try again by itself. Only AWS's own faults count towards quarantine: a full quota or a
    dead line says nothing about this row."""
    is_rows_own = not isinstance(error, (aws.AwsThrottled, aws.AwsUnreachable))
    pause = jobs.try_later(
        member,
        code=error.code,
        reason=f"{error.operation}: {error.message}",
        after=error.retry_after,
        counts=is_rows_own,
    )
    trouble.assess(member)
    return pause
