"""Bringing a permission set about at AWS, or away: done twice it is done once.

CreatePermissionSet has no client token, so a Conflict means: look who is there. An unfinished set
of ours is finished, one with the same policies is taken as it is, any other is shown and left
alone.
"""

from django.db import transaction
from django.utils import timezone

from onboarding.gateways import account_access
from onboarding.gateways.account_access import Center, SetDetails
from onboarding.models import PermissionSet
from onboarding.models.access import State
from onboarding.permission_sets import presets, snapshot, trying
from onboarding.permission_sets.trying import Stop
from portal import audit, jobs
from portal.aws import AwsConflict, AwsNotFound
from portal.models import Workspace


def carry_out(pk: int) -> float | None:
    """Work on the set if it is due and free; seconds until the next try, else None."""
    return trying.carry_out(PermissionSet, pk, _work_on)


def _work_on(row: PermissionSet) -> None:
    center = snapshot.center_of(Workspace.load())
    if row.state == State.LEAVING:
        _delete(center, row)
        return
    if not row.arn and not _create(center, row):
        return
    for policy in row.policies:
        _attach(center, row, policy)
    jobs.finish(row, state=State.THERE, changed_at=timezone.now())


def _record(row: PermissionSet, action: str, *, request_id: str = "") -> None:
    audit.record(
        f"permission_set.{action}",
        subject=row.subject,
        actor=row.asked_by,
        detail={"name": row.name, "arn": row.arn, "policies": row.policies},
        aws_request_id=request_id,
    )


# Making ----------------------------------------------------------------------------------------


def _create(center: Center, row: PermissionSet) -> bool:
    """Whether the set is ours to go on with."""
    jobs.renew(row)
    try:
        made = account_access.create(
            center, name=row.name, description=row.description, session=row.session
        )
    except AwsConflict:
        return _adopt(center, row)
    _keep_arn(row, made.arn, "created", request_id=made.request_id)
    return True


@transaction.atomic
def _keep_arn(row: PermissionSet, arn: str, action: str, *, request_id: str = "") -> None:
    jobs.write(row, arn=arn)
    _record(row, action, request_id=request_id)


def _adopt(center: Center, row: PermissionSet) -> bool:
    """Raises: AwsConflict when it is not in AWS's list yet."""
    found = _find(center, row)
    policies = account_access.managed_policies(center, found.arn)
    others = account_access.other_policies(center, found.arn)
    accounts = account_access.accounts(center, found.arn)
    is_alike = not others and sorted(policies) == sorted(row.policies)
    is_bare = not (others or policies or accounts)
    if is_alike or is_bare:
        _keep_arn(row, found.arn, "adopted")
        return True
    _take_as_it_is(row, found, policies, others)
    return False


def _find(center: Center, row: PermissionSet) -> SetDetails:
    for arn in account_access.permission_set_arns(center):
        jobs.renew(row)
        details = account_access.describe(center, arn)
        if details.name == row.name:
            return details
    raise AwsConflict("CreatePermissionSet", "ConflictException", "AWS does not list it yet.")


@transaction.atomic
def _take_as_it_is(
    row: PermissionSet, found: SetDetails, policies: list[str], others: list[str]
) -> None:
    """Widening a set would widen the access of whoever has it: that is not for us."""
    jobs.finish(
        row,
        state=State.THERE,
        changed_at=timezone.now(),
        arn=found.arn,
        description=found.description,
        session=found.session,
        policies=policies,
        others=others,
        last_error="It was there already, with other policies than asked for; nothing was changed"
        " in it. For others make a set of another name.",
    )
    _record(row, "adopted")


def _attach(center: Center, row: PermissionSet, policy: str) -> None:
    """Raises: Stop for a policy that AWS does not know; AwsConflict while the set still spreads."""
    jobs.renew(row)
    try:
        account_access.attach(center, row.arn, policy)
    except AwsConflict:
        if policy not in account_access.managed_policies(center, row.arn):
            raise
    except AwsNotFound as error:
        _clear_away(center, row)
        raise Stop(
            "no-such-policy",
            f"AWS has no policy {presets.policy_name(policy)}: {error.message}. Nothing was made.",
        ) from error


def _clear_away(center: Center, row: PermissionSet) -> None:
    """A set without its policy is of no use. Raises: AwsConflict when only the set is not found."""
    try:
        account_access.describe(center, row.arn)
    except AwsNotFound as error:
        message = "AWS does not find the new set yet."
        raise AwsConflict(error.operation, error.code, message) from error
    account_access.delete(center, row.arn)
    jobs.write(row, arn="")


# Removing --------------------------------------------------------------------------------------


def _delete(center: Center, row: PermissionSet) -> None:
    """Gone already is gone. Raises: Stop when somebody has access through it."""
    jobs.renew(row)
    request_id = ""
    try:
        request_id = account_access.delete(center, row.arn)
    except AwsNotFound:
        pass
    except AwsConflict as error:
        raise Stop(
            "in-use",
            f"AWS keeps it while somebody has access through it: {error.message} Read again to see"
            " who.",
        ) from error
    with transaction.atomic():
        jobs.finish(row, state=State.GONE, changed_at=timezone.now())
        _record(row, "removed", request_id=request_id)
