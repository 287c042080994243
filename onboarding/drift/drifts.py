"""Keeping what a check found: a row for each difference, and what the board shows of it."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from onboarding.drift import reconciliation
from onboarding.drift.directory_reading import Snapshot
from onboarding.drift.reconciliation import Difference
from onboarding.models import Drift, Member
from onboarding.team import trouble

Kind = Drift.Kind
Key = tuple[str, int | str]

CHUNK = 1000

TROUBLES = {
    Kind.OUT_OF_GROUP: Member.Trouble.SEAT_LOST,
    Kind.DISABLED: Member.Trouble.DISABLED,
    Kind.MISSING: Member.Trouble.USER_MISSING,
}
"""What keeps a member from working, the gravest last."""

_SEEN = ("directory_user_id", "user_name", "email", "given_name", "family_name", "group_ids")


@transaction.atomic
def store(snapshot: Snapshot) -> dict[str, int]:
    """Bring the rows in line with what was seen; how many differences there are, new and gone.

    The statements grow with thousands of rows, not with each.
    """
    now = timezone.now()
    seen = {difference.key: difference for difference in snapshot.differences}
    there = {key_of(row): row for row in Drift.objects.open()}
    settled = {
        key_of(row) for row in Drift.objects.closed().filter(closed_at__gt=snapshot.started_at)
    }
    fresh = [seen[key] for key in seen.keys() - there.keys() - settled]
    Drift.objects.bulk_create([row_of(found, now) for found in fresh], batch_size=CHUNK)
    _bring_up_to_date([(row, seen[key]) for key, row in there.items() if key in seen])
    in_work = {member.pk for member in snapshot.members if not member.is_judged}
    gone = [
        row.pk for key, row in there.items() if key not in seen and row.member_id not in in_work
    ]
    _close_gone(gone, now)
    _note_statuses(snapshot, now)
    show_on_board()
    return {"differences": len(seen), "new": len(fresh), "gone": len(gone)}


def key_of(row: Drift) -> Key:
    """The same as `Difference.key`."""
    return row.kind, row.member_id or row.directory_user_id


def row_of(found: Difference, now: datetime) -> Drift:
    """A new row, not saved."""
    row = Drift(kind=found.kind, member_id=found.member, found_at=now)
    _write_down(row, found)
    return row


def _write_down(row: Drift, found: Difference) -> None:
    user = found.user
    row.directory_user_id, row.user_name, row.email = user.user_id, user.user_name, user.email
    row.given_name, row.family_name = user.given_name, user.family_name
    row.group_ids, row.mark = list(found.group_ids), found.mark


def _bring_up_to_date(pairs: list[tuple[Drift, Difference]]) -> None:
    """Another difference than the one a founder chose to ignore is shown again."""
    changed = []
    for row, found in pairs:
        before, mark = [getattr(row, name) for name in _SEEN], row.mark
        _write_down(row, found)
        if row.mark != mark:
            row.ignored_at, row.ignored_by, row.ignore_reason = None, None, ""
        if before != [getattr(row, name) for name in _SEEN]:
            changed.append(row)
    columns = [*_SEEN, "mark", "ignored_at", "ignored_by", "ignore_reason"]
    Drift.objects.bulk_update(changed, columns, batch_size=CHUNK // 4)


def _close_gone(pks: list[int], now: datetime) -> None:
    for chunk in _chunks(pks):
        Drift.objects.open().filter(pk__in=chunk).update(
            closed_at=now, ending=Drift.Ending.GONE, next_try_at=None
        )


def _note_statuses(snapshot: Snapshot, now: datetime) -> None:
    for status, pks in reconciliation.statuses(snapshot.members, snapshot.listing).items():
        for chunk in _chunks(pks):
            there = Member.objects.on_team().filter(pk__in=chunk).exclude(directory_user_id="")
            there.update(directory_status=status, directory_checked_at=now)


def _chunks(pks: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(pks), CHUNK):
        yield pks[start : start + CHUNK]


def show_on_board() -> None:
    """Bring the members' trouble in line with the differences that nobody settled or ignored."""
    rows = Drift.objects.to_settle().filter(kind__in=TROUBLES, member__isnull=False)
    wanted: dict[int, Member.Trouble] = {}
    for member_id, kind in sorted(rows.values_list("member_id", "kind"), key=_gravity):
        wanted[member_id] = TROUBLES[Kind(kind)]
    touched = Member.objects.on_team().filter(
        Q(pk__in=rows.values("member_id")) | ~Q(directory_trouble="")
    )
    members = list(touched)
    _note_troubles(members, wanted)
    trouble.assess_all(members)


def _note_troubles(members: list[Member], wanted: Mapping[int, Member.Trouble]) -> None:
    changed: dict[str, list[int]] = {}
    for member in members:
        found = wanted.get(member.pk, "")
        if found != member.directory_trouble:
            member.directory_trouble = found
            changed.setdefault(found, []).append(member.pk)
    for found, pks in changed.items():
        for chunk in _chunks(pks):
            Member.objects.filter(pk__in=chunk).update(directory_trouble=found)


def _gravity(row: tuple[int, str]) -> int:
    return list(TROUBLES).index(Kind(row[1]))
