"""What a founder asks for about access to an account: give it, take it away, try again.

Nothing here waits for AWS: a row says what is wanted, and a worker does it (`assignment_work`).
"""

from dataclasses import dataclass

from django.db import transaction

from onboarding.models import AccessGroup, AccountAssignment, Member, PermissionSet
from onboarding.models.access import State
from onboarding.permission_sets import sets
from onboarding.permission_sets.sets import Refused
from portal import audit, jobs
from portal.models import User

# The sweep finds these rows in every process that knows how to work on them.
jobs.register(AccountAssignment, "onboarding.tasks.work_on_assignment")

Kind = AccountAssignment.Kind


@dataclass(frozen=True, slots=True)
class Holder:
    """Who is to get access."""

    kind: str
    id: str
    name: str

    @classmethod
    def of_member(cls, member: Member) -> "Holder":
        """Raises: Refused."""
        if not member.directory_user_id:
            raise Refused(f"{member.full_name} has no Identity Center user yet.")
        return cls(Kind.USER, member.directory_user_id, member.full_name)

    @classmethod
    def of_group(cls, group: AccessGroup) -> "Holder":
        return cls(Kind.GROUP, group.group_id, group.name)


@transaction.atomic
def ask(
    permission_set: PermissionSet, *, account_id: str, holder: Holder, actor: User
) -> AccountAssignment:
    """The assignment, which a worker makes; asking twice is asking once. Raises: Refused."""
    sets.hold()
    held = PermissionSet.objects.select_for_update().get(pk=permission_set.pk)
    if held.state != State.THERE:
        raise Refused(f"{held.name} is not ready: {held.get_state_display().lower()}.")
    row, is_new = AccountAssignment.objects.select_for_update().get_or_create(
        permission_set=held,
        account_id=account_id,
        principal_type=holder.kind,
        principal_id=holder.id,
        defaults={"principal_name": holder.name, "state": State.WANTED},
    )
    if not is_new and not _is_to_ask(row):
        return row
    sets.wish(row, State.WANTED, actor=actor)
    _record(row, "asked", actor)
    return row


def _is_to_ask(row: AccountAssignment) -> bool:
    """Not for what is there or on its way. Raises: Refused for what is on its way out."""
    if row.state == State.LEAVING and row.is_in_work:
        raise Refused(f"{row.principal_name}'s access is being removed; wait for its end.")
    return row.state == State.GONE or row.is_stopped


@transaction.atomic
def ask_removal(pk: int, *, actor: User) -> AccountAssignment:
    """Raises: Refused."""
    sets.hold()
    row = AccountAssignment.objects.select_for_update().get(pk=pk)
    if row.is_in_work and row.state == State.WANTED:
        raise Refused("This access is being made at this moment.")
    if row.state != State.GONE and not row.is_in_work:
        sets.wish(row, State.LEAVING, actor=actor)
        _record(row, "removal_asked", actor)
    return row


def _record(row: AccountAssignment, action: str, actor: User) -> None:
    audit.record(f"access.{action}", subject=row.subject, actor=actor, detail=detail(row))


def detail(row: AccountAssignment) -> dict[str, str]:
    """What the audit log keeps of an assignment."""
    return {
        "account": row.account_id,
        "permission_set": row.permission_set.name,
        "kind": row.principal_type,
        "principal": row.principal_id,
        "name": row.principal_name,
    }
