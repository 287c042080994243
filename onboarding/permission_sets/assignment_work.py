"""Giving somebody access at AWS, or taking it away, and following AWS's request to its end.

Both are asynchronous there: AWS takes a request, and the row keeps its id until AWS says how it
ended. Asking again for what is there succeeds, so that a lost answer costs a second request.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from onboarding.gateways import account_access
from onboarding.gateways.account_access import Center, Principal, Progress, Target
from onboarding.models import AccountAssignment
from onboarding.models.access import State
from onboarding.permission_sets import assignments, snapshot, trying
from onboarding.permission_sets.trying import Stop
from portal import audit, jobs
from portal.aws import AwsNotFound
from portal.models import Workspace

LOOK_AGAIN = 2.0
LOOK_LESS = 30.0
"""Seconds between two looks at a request: AWS needs a few, and at times minutes."""
PATIENCE = timedelta(minutes=2)


def carry_out(pk: int) -> float | None:
    """Work on the assignment if it is due and free; seconds until the next look, else None."""
    return trying.carry_out(AccountAssignment, pk, _work_on)


def _work_on(row: AccountAssignment) -> float | None:
    center = snapshot.center_of(Workspace.load())
    jobs.renew(row)
    progress = _look(center, row) if row.request_id else _ask(center, row)
    if progress is None:
        _end(row, "")
        return None
    if not progress.is_over:
        return _wait(row)
    if progress.is_failed:
        jobs.write(row, request_id="")
        raise Stop("FAILED", f"AWS could not do it: {progress.reason or 'it says no reason.'}")
    _end(row, progress.request_id)
    return None


def _target(row: AccountAssignment) -> Target:
    principal = Principal(row.principal_type, row.principal_id)
    return Target(row.permission_set.arn, row.account_id, principal)


def _ask(center: Center, row: AccountAssignment) -> Progress | None:
    """None for access to be taken away that is not there."""
    if row.state == State.WANTED:
        progress = account_access.assign(center, _target(row))
    else:
        try:
            progress = account_access.unassign(center, _target(row))
        except AwsNotFound:
            return None
    jobs.write(row, request_id=progress.id)
    return progress


def _look(center: Center, row: AccountAssignment) -> Progress | None:
    """How far AWS is; what it has forgotten is asked for again."""
    ask = account_access.creation if row.state == State.WANTED else account_access.deletion
    try:
        return ask(center, row.request_id)
    except AwsNotFound:
        return _ask(center, row)


def _wait(row: AccountAssignment) -> float:
    """AWS is at it: let go, and look again in a moment. No failure, so nothing is counted."""
    now = timezone.now()
    is_long = row.asked_at is not None and now - row.asked_at > PATIENCE
    pause = LOOK_LESS if is_long else LOOK_AGAIN
    jobs.write(row, lease="", leased_until=None, next_try_at=now + timedelta(seconds=pause))
    return pause


@transaction.atomic
def _end(row: AccountAssignment, request_id: str) -> None:
    is_given = row.state == State.WANTED
    ended: dict[str, Any] = {"request_id": "", "changed_at": timezone.now()}
    jobs.finish(row, state=State.THERE if is_given else State.GONE, **ended)
    audit.record(
        "access.given" if is_given else "access.removed",
        subject=row.subject,
        actor=row.asked_by,
        detail=assignments.detail(row),
        aws_request_id=request_id,
    )
