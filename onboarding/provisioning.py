"""Bringing one member into Identity Center: user, seat, invitation; safe to repeat at any point.

The order is: commit the claim, call AWS, commit the result with its audit event. CreateUser has no
client token and its answer can be lost, so every doubt is settled by looking who is there:
the same e-mail is adopted, somebody else under our user name is left alone and shown.
"""

import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from onboarding import identity_center, invitations, trouble
from onboarding.identity_center import Directory, DirectoryUser
from onboarding.models import Member
from onboarding.names import user_name_for
from portal import audit, aws, jobs
from portal.models import Workspace, normalise_email

logger = logging.getLogger(__name__)

CLOCK_SKEW = timedelta(seconds=60)
"""How far AWS's CreatedAt may lie before our own note of having asked."""


class NeedsPerson(Exception):
    """Only a person can settle this; `code` is a `Member.Trouble`."""

    def __init__(self, code: Member.Trouble, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


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
        _bring_in(member)
    except jobs.LeaseLost:
        logger.info("Member %s: somebody else has taken over", pk)
    except NeedsPerson as question:
        _hand_to_person(member, question)
    except aws.AwsUnavailable as error:
        return _put_off(member, error)
    except aws.AwsDenied as error:
        jobs.pause_all(f"{error.operation}: {error.message}")
        jobs.try_later(member, code=error.code, reason=error.message, counts=False)
    except aws.AwsError as error:
        reason = f"{error.operation}: {error.message}"
        _hand_to_person(member, NeedsPerson(Member.Trouble.REFUSED, reason))
    return None


def _bring_in(member: Member) -> None:
    directory = _directory()
    if not member.directory_user_id:
        _ensure_user(directory, member)
    if not member.seat_group_id:
        _ensure_seat(directory, member)
    _invite(member)
    jobs.resume_all()


def _directory() -> Directory:
    workspace = Workspace.load()
    if not workspace.is_connected:
        raise NeedsPerson(Member.Trouble.NOT_CONNECTED, "The portal is not connected to AWS yet.")
    return Directory(workspace.identity_store_id, workspace.identity_center_region)


# The user --------------------------------------------------------------------------------------


def _ensure_user(directory: Directory, member: Member) -> None:
    jobs.renew(member)
    found = identity_center.find_by_email(directory, member.email)
    if found:
        _adopt(member, found)
        return
    jobs.write(
        member,
        create_started_at=member.create_started_at or timezone.now(),
        leased_until=timezone.now() + jobs.LEASE,
    )
    user_name = user_name_for(member.email)
    try:
        made = identity_center.create_user(
            directory,
            user_name=user_name,
            email=member.email,
            given_name=member.given_name,
            family_name=member.family_name,
        )
    except aws.AwsConflict as conflict:
        jobs.renew(member)
        _adopt(member, _whoever_is_there(directory, member, conflict))
    else:
        user = DirectoryUser(user_id=made.id, user_name=user_name, email=member.email)
        _link(member, user, origin=Member.Origin.CREATED, aws_request_id=made.request_id)


def _whoever_is_there(
    directory: Directory, member: Member, conflict: aws.AwsConflict
) -> DirectoryUser:
    """The user that CreateUser met: by e-mail, by user name, or by any spelling of either.

    Raises: AwsUnavailable when nobody is found (AWS's index can lag behind its writes).
    """
    user_name = user_name_for(member.email)
    found = identity_center.find_by_email(directory, member.email)
    found = found or identity_center.find_by_user_name(directory, user_name)
    if found:
        return found
    for user in identity_center.list_users(directory):
        if normalise_email(user.email) == member.email or user.user_name.casefold() == user_name:
            return user
    raise aws.AwsUnavailable(conflict.operation, conflict.code, conflict.message)


def _adopt(member: Member, found: DirectoryUser) -> None:
    """Take the user found as the member's: only with the same e-mail."""
    if normalise_email(found.email) != member.email:
        raise NeedsPerson(
            Member.Trouble.NAME_TAKEN,
            f"Identity Center has the user name {found.user_name} for someone else"
            f" ({found.email or 'no e-mail'}). Nothing was changed there.",
        )
    _link(member, found, origin=_origin_of(member, found))


def _origin_of(member: Member, found: DirectoryUser) -> Member.Origin:
    """Ours when it appeared after we had asked for it: then only the answer was lost."""
    asked_at = member.create_started_at
    if asked_at and found.created_at and found.created_at >= asked_at - CLOCK_SKEW:
        return Member.Origin.CREATED
    return Member.Origin.ADOPTED


def _link(
    member: Member, user: DirectoryUser, *, origin: Member.Origin, aws_request_id: str = ""
) -> None:
    try:
        with transaction.atomic():
            jobs.write(
                member,
                directory_user_id=user.user_id,
                directory_user_name=user.user_name,
                origin=origin,
                failures=0,
            )
            audit.record(
                f"directory_user.{origin.value}",
                subject=f"member:{member.pk}",
                detail={"directory_user_id": user.user_id},
                aws_request_id=aws_request_id,
            )
    except IntegrityError as error:
        member.directory_user_id = ""
        raise NeedsPerson(
            Member.Trouble.NAME_TAKEN,
            f"The Identity Center user {user.user_name} belongs to another member of the team.",
        ) from error


# The seat --------------------------------------------------------------------------------------


def _ensure_seat(directory: Directory, member: Member) -> None:
    group_id = member.plan.seat_group_id
    if not group_id:
        raise NeedsPerson(
            Member.Trouble.NOT_CONNECTED, f"No seat group is chosen for {member.plan.name} yet."
        )
    jobs.renew(member)
    request_id = _join(directory, member, group_id)
    with transaction.atomic():
        jobs.write(
            member, seat_group_id=group_id, seat_requested_at=timezone.now(), failures=0
        )
        audit.record(
            "seat.requested",
            subject=f"member:{member.pk}",
            detail={"plan": member.plan.code, "group_id": group_id},
            aws_request_id=request_id,
        )


def _join(directory: Directory, member: Member, group_id: str) -> str:
    """Join the group, whoever did it; the request id when it was this call."""
    user_id = member.directory_user_id
    try:
        return identity_center.join_group(
            directory, group_id=group_id, user_id=user_id
        ).request_id
    except aws.AwsConflict:
        identity_center.membership_id(directory, group_id=group_id, user_id=user_id)
        return ""
    except aws.AwsNotFound as error:
        raise NeedsPerson(
            Member.Trouble.REFUSED,
            f"The seat group or the user is gone from Identity Center: {error.message}",
        ) from error


# The end of an attempt -------------------------------------------------------------------------


@transaction.atomic
def _invite(member: Member) -> None:
    jobs.finish(
        member,
        status=Member.Status.INVITED,
        invited_at=member.invited_at or timezone.now(),
        invitation_nonce=member.invitation_nonce or invitations.new_nonce(),
    )
    invitations.post(member)
    trouble.assess(member)
    audit.record("member.invited", subject=f"member:{member.pk}")


@transaction.atomic
def _hand_to_person(member: Member, question: NeedsPerson) -> None:
    jobs.give_up(
        member, code=question.code, reason=question.reason, status=Member.Status.FAILED
    )
    trouble.assess(member)
    audit.record(
        "member.setup_stopped",
        subject=f"member:{member.pk}",
        detail={"why": question.code, "reason": question.reason},
    )


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
