"""What a founder asks for about permission sets: make one, remove one nobody uses, try again.

Nothing here waits for AWS: a row says what is wanted, and a worker does it (`set_work`).
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from onboarding.models import AccountAssignment, PermissionSet
from onboarding.models.access import State, Wish
from onboarding.permission_sets import switch
from portal import audit, jobs
from portal.models import User, Workspace

# The sweep finds these rows in every process that knows how to work on them.
jobs.register(PermissionSet, "onboarding.tasks.work_on_permission_set")


class Refused(Exception):
    """The request as it stands is refused; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A permission set to be made. `session`: as AWS writes it; `policy`: an ARN."""

    name: str
    description: str
    session: str
    policy: str


def hold() -> Workspace:
    """Askers queue up here, until commit. Raises: Refused when nothing may be changed."""
    if not switch.may_manage():
        raise Refused("This portal only shows access; the setting ACCESS says so.")
    Workspace.load()
    workspace = Workspace.objects.select_for_update().get(pk=1)
    if not workspace.is_connected:
        raise Refused("The portal is not connected to AWS yet.")
    return workspace


@transaction.atomic
def ask(wanted: Wanted, *, actor: User) -> PermissionSet:
    """The set, which a worker makes; asking twice is asking once. Raises: Refused."""
    hold()
    if found := PermissionSet.objects.exclude(state=State.GONE).filter(name=wanted.name).first():
        return _again(found, wanted, actor)
    made = PermissionSet.objects.create(
        name=wanted.name,
        description=wanted.description,
        session=wanted.session,
        policies=[wanted.policy],
        state=State.WANTED,
        asked_by=actor,
        asked_at=timezone.now(),
        next_try_at=timezone.now(),
    )
    jobs.enqueue_on_commit(made)
    audit.record(
        "permission_set.asked",
        subject=made.subject,
        actor=actor,
        detail={"name": made.name, "policy": wanted.policy, "session": wanted.session},
    )
    return made


def _again(found: PermissionSet, wanted: Wanted, actor: User) -> PermissionSet:
    is_same = (found.policies, found.session) == ([wanted.policy], wanted.session)
    if not is_same or found.state == State.LEAVING:
        raise Refused(f"There is a permission set {found.name} already. Choose another name.")
    if found.is_stopped:
        again(found, actor=actor)
    return found


@transaction.atomic
def ask_removal(pk: int, *, actor: User) -> PermissionSet:
    """Only of a set that nobody has access through. Raises: Refused."""
    hold()
    row = PermissionSet.objects.select_for_update().get(pk=pk)
    holders = AccountAssignment.objects.filter(permission_set=row).exclude(state=State.GONE)
    if holders.exists():
        raise Refused(f"Somebody has access through {row.name}. Remove that first.")
    return _remove(row, actor)


def _remove(row: PermissionSet, actor: User) -> PermissionSet:
    if row.is_in_work:
        raise Refused(f"{row.name} is being worked on at this moment.")
    if not row.arn:
        audit.record("permission_set.dismissed", subject=row.subject, actor=actor)
        row.delete()
        return row
    wish(row, State.LEAVING, actor=actor)
    audit.record(
        "permission_set.removal_asked",
        subject=row.subject,
        actor=actor,
        detail={"name": row.name, "arn": row.arn},
    )
    return row


def wish(row: Wish, state: State, *, actor: User) -> None:
    """Hand the row, held by the caller, to a worker; it begins with a clean slate."""
    row.state, row.asked_by, row.asked_at = state, actor, timezone.now()
    row.save(update_fields=["state", "asked_by", "asked_at"])
    jobs.retry_now(row, failure_code="", last_error="")
    jobs.enqueue_on_commit(row)


@transaction.atomic
def again(row: Wish, *, actor: User) -> None:
    """Another try at what stopped; a second click finds it in work. Raises: Refused."""
    hold()
    held = type(row)._default_manager.select_for_update().get(pk=row.pk)
    if not held.is_stopped and not held.is_quarantined:
        return
    wish(held, State(held.state), actor=actor)
    audit.record("access.tried_again", subject=held.subject, actor=actor)
