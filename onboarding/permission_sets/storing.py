"""Keeping what a reading saw: AWS's word for all but what is being worked on at this moment."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from onboarding.models import AccessGroup, AccountAssignment, PermissionSet
from onboarding.models.access import State, Wish
from onboarding.permission_sets.snapshot import SeenSet, Snapshot

LAG = timedelta(minutes=2)
"""AWS's lists lag behind its writes: what was changed so lately is not judged by them."""

Key = tuple[int, str, str, str]
_SETTLED = {"failures": 0, "failure_code": "", "last_error": "", "is_quarantined": False}


@dataclass(slots=True)
class Changes:
    """What others did at AWS since the last reading, for the audit log."""

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


@transaction.atomic
def store(snapshot: Snapshot, *, started_at: datetime) -> Changes:
    """All or nothing; rows in work and rows just worked on keep what they say."""
    changes, fresh_from = Changes(), started_at - LAG
    rows = {row.pk: row for row in PermissionSet.objects.select_for_update()}
    _forget_sets(rows, {each.details.arn for each in snapshot.sets}, changes, fresh_from)
    known = {
        each.details.arn: row
        for each in snapshot.sets
        if (row := _store_set(each, rows.values(), changes, fresh_from)) is not None
    }
    _store_holders(snapshot, known, changes, fresh_from)
    AccessGroup.objects.all().delete()
    groups = [
        AccessGroup(group_id=each.id, name=each.name, user_ids=each.user_ids)
        for each in snapshot.groups
    ]
    AccessGroup.objects.bulk_create(groups)
    return changes


def _is_fresh(row: Wish, fresh_from: datetime) -> bool:
    return row.is_in_work or (row.changed_at is not None and row.changed_at > fresh_from)


def _is_over(row: Wish) -> bool:
    """Not at AWS any more, so that nothing keeps the row but a wish not yet granted."""
    return row.state != State.WANTED


# Permission sets -------------------------------------------------------------------------------


def _forget_sets(
    rows: dict[int, PermissionSet], seen: set[str], changes: Changes, fresh_from: datetime
) -> None:
    for row in list(rows.values()):
        if row.arn in seen or _is_fresh(row, fresh_from) or not _is_over(row):
            continue
        if row.state == State.THERE:
            changes.removed.append(row.name)
        del rows[row.pk]
        row.delete()


def _store_set(
    seen: SeenSet, rows: Iterable[PermissionSet], changes: Changes, fresh_from: datetime
) -> PermissionSet | None:
    """None for a set that was removed just now and is still in AWS's list."""
    row = _row_of(seen, rows)
    if row is None:
        changes.added.append(seen.details.name)
        return PermissionSet.objects.create(name=seen.details.name, **_values(seen))
    if row.state == State.GONE and _is_fresh(row, fresh_from):
        return None
    if not _is_fresh(row, fresh_from):
        _update(row, _values(seen))
    return row


def _row_of(seen: SeenSet, rows: Iterable[PermissionSet]) -> PermissionSet | None:
    """By ARN, or by name for one that AWS made and whose answer never came."""
    found = [row for row in rows if row.arn == seen.details.arn]
    alike = [row for row in rows if not row.arn and row.name == seen.details.name]
    living = sorted([*found, *alike], key=lambda row: row.state == State.GONE)
    return living[0] if living else None


def _values(seen: SeenSet) -> dict[str, Any]:
    return {
        "arn": seen.details.arn,
        "description": seen.details.description,
        "session": seen.details.session,
        "policies": seen.policies,
        "others": seen.others,
        "accounts": seen.accounts,
    }


def _update(row: Wish, values: dict[str, Any]) -> None:
    """What was wanted is there after all; what is leaving and stopped keeps its reason."""
    if row.state in {State.WANTED, State.GONE}:
        values = {**values, **_SETTLED, "state": State.THERE}
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if changed:
        type(row)._default_manager.filter(pk=row.pk).update(**changed)


# Assignments -----------------------------------------------------------------------------------


def _store_holders(
    snapshot: Snapshot, known: dict[str, PermissionSet], changes: Changes, fresh_from: datetime
) -> None:
    rows = {
        _key(row): row
        for row in AccountAssignment.objects.select_for_update(of=("self",)).select_related(
            "permission_set"
        )
    }
    seen = _seen(snapshot, known)
    for key, made in seen.items():
        row = rows.get(key)
        if row is None:
            made.save()
            changes.added.append(_words(made))
        elif not _is_fresh(row, fresh_from):
            _update(row, {"principal_name": made.principal_name})
    unseen = [row for key, row in rows.items() if key not in seen]
    for row in unseen:
        _forget_holder(row, changes, fresh_from)


def _forget_holder(row: AccountAssignment, changes: Changes, fresh_from: datetime) -> None:
    if _is_fresh(row, fresh_from) or not _is_over(row):
        return
    if row.state == State.THERE:
        changes.removed.append(_words(row))
    row.delete()


def _seen(snapshot: Snapshot, known: dict[str, PermissionSet]) -> dict[Key, AccountAssignment]:
    found = (
        AccountAssignment(
            permission_set=known[each.details.arn],
            account_id=account_id,
            principal_type=principal.kind,
            principal_id=principal.id,
            principal_name=snapshot.names.get(principal, principal.id),
        )
        for each in snapshot.sets
        if each.details.arn in known
        for account_id, principal in each.holders
    )
    return {_key(row): row for row in found}


def _key(row: AccountAssignment) -> Key:
    return row.permission_set_id, row.account_id, row.principal_type, row.principal_id


def _words(row: AccountAssignment) -> str:
    return f"{row.principal_name} in {row.account_id} through {row.permission_set.name}"
