"""The Identity Center user of a member: found, created, adopted, deleted.

CreateUser has no client token and its answer can be lost, so every doubt is settled by looking who
is there: the same e-mail is adopted, somebody else under our user name is left alone and shown.
"""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from onboarding.gateways import identity_center
from onboarding.gateways.identity_center import Directory, DirectoryUser
from onboarding.models import Member
from onboarding.team.names import user_name_for
from onboarding.team.trouble import NeedsPerson
from portal import audit, aws, jobs
from portal.models import normalise_email

CLOCK_SKEW = timedelta(seconds=60)
"""How far AWS's CreatedAt may lie before our own note of having asked."""


def ensure(directory: Directory, member: Member) -> None:
    """Give the member a user, on a row that this worker holds.

    Raises: NeedsPerson, jobs.LeaseLost, aws.AwsError.
    """
    jobs.renew(member)
    if not member.is_absent_from_directory:
        found = _find(directory, member)
        if found:
            _adopt(member, found)
            return
    jobs.write(
        member,
        create_started_at=member.create_started_at or timezone.now(),
        is_absent_from_directory=False,
        leased_until=timezone.now() + jobs.LEASE,
    )
    _create(directory, member)


def _find(directory: Directory, member: Member) -> DirectoryUser | None:
    """Whoever has the e-mail, whatever its case, where all users fit on one page of the list.

    With more of them, or once the portal has asked for the user, AWS's index is asked, which may
    know one case alone.
    """
    if member.create_started_at is None:
        users, more = identity_center.users_page(directory, "")
        found = next((user for user in users if normalise_email(user.email) == member.email), None)
        if found or not more:
            return found
    return identity_center.find_by_email(directory, member.email)


def _create(directory: Directory, member: Member) -> None:
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


def send_name(directory: Directory, member: Member) -> None:
    """Bring the names in Identity Center in line with the row, if a founder changed them here."""
    if not member.is_name_to_send:
        return
    jobs.renew(member)
    user = identity_center.describe_user(directory, member.directory_user_id)
    try:
        request_id = identity_center.rename_user(
            directory, user, given=member.given_name, family=member.family_name
        )
    except aws.AwsConflict as conflict:  # changed between our look and our change: look again
        raise aws.AwsUnavailable(conflict.operation, conflict.code, conflict.message) from conflict
    with transaction.atomic():
        sent = {"given_name": member.given_name, "family_name": member.family_name}
        jobs.write(member, expect=sent, is_name_to_send=False, failures=0)
        audit.record(
            "directory_user.renamed",
            subject=f"member:{member.pk}",
            aws_request_id=request_id,
        )


# Leaving ---------------------------------------------------------------------------------------


def find_unnoted(directory: Directory, member: Member) -> None:
    """Before a member leaves: note the user whose creation was asked for but never answered."""
    if member.directory_user_id or not member.create_started_at:
        return
    jobs.renew(member)
    found = identity_center.find_by_email(directory, member.email)
    if found and _origin_of(member, found) == Member.Origin.CREATED:
        _link(member, found, origin=Member.Origin.CREATED)


def delete(directory: Directory, member: Member) -> None:
    """Delete the user, once; one that is gone already is what was wanted."""
    if not member.directory_user_id:
        return
    jobs.renew(member)
    try:
        request_id = identity_center.delete_user(directory, member.directory_user_id)
    except aws.AwsNotFound:
        request_id = ""
    with transaction.atomic():
        jobs.write(member, deletes_user=False)
        audit.record(
            "directory_user.deleted",
            subject=f"member:{member.pk}",
            detail={"directory_user_id": member.directory_user_id},
            aws_request_id=request_id,
        )
