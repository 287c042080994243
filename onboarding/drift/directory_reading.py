"""Reading Identity Center and comparing it with the team; nothing is written.

A listing of the users and one of each seat group, a hundred a request; nothing a member.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Q
from django.utils import timezone

from onboarding.drift import reconciliation
from onboarding.drift.reconciliation import Difference, Known, Listing
from onboarding.gateways import identity_center
from onboarding.gateways.identity_center import Directory
from onboarding.models import Member, Plan
from portal.aws import AwsNotFound
from portal.models import Workspace

SETTLING = timedelta(seconds=10)
"""AWS's lists lag behind its writes: who got or lost a seat just now is not judged. Short, since
nothing tells of somebody who is left out: a check right after an import has to see what is wrong.
A list that lags longer shows a difference that the next check takes back."""

A_PAGE = 100

Item = TypeVar("Item")


class CannotCheck(Exception):
    """Nothing to compare with; the message is a sentence for the founder."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Identity Center as one reading found it, and where it differs from the team."""

    started_at: datetime
    members: list[Known]
    listing: Listing
    differences: list[Difference]


def look(*, keep: Callable[[], None] = lambda: None) -> Snapshot:
    """Read Identity Center and compare. Writes nothing; `keep` is called before each page.

    The team is read before and after: whoever changed meanwhile is not judged.
    Raises: CannotCheck, portal.aws.AwsError.
    """
    started_at = timezone.now()
    workspace = Workspace.objects.filter(pk=1).first()
    if workspace is None or not workspace.is_connected:
        raise CannotCheck("The portal is not connected to AWS yet.")
    directory = Directory(workspace.identity_store_id, workspace.identity_center_region)
    before = _team(started_at)
    listing = _listing(directory, keep)
    members = list(_unchanged(before, _team(timezone.now())))
    differences = reconciliation.compare(members, listing)
    return Snapshot(started_at, members, listing, differences)


def _listing(directory: Directory, keep: Callable[[], None]) -> Listing:
    """Seats before users: a seat whose user is not in the later list is of one deleted since."""
    groups = Plan.objects.exclude(seat_group_id="").order_by("price")
    names = dict(groups.values_list("seat_group_id", "seat_group_name"))
    seats = {
        group_id: frozenset(_seats_of(directory, group_id, name, keep))
        for group_id, name in names.items()
    }
    users = tuple(_paged(identity_center.list_users(directory), keep))
    return Listing(users, seats)


def _seats_of(
    directory: Directory, group_id: str, name: str, keep: Callable[[], None]
) -> Iterator[str]:
    try:
        yield from _paged(identity_center.list_group_members(directory, group_id), keep)
    except AwsNotFound as error:
        if Member.objects.on_team().filter(plan__seat_group_id=group_id).exists():
            raise CannotCheck(
                f"The seat group {name} is gone from Identity Center, with the seats of its"
                " members. Connect the portal again to choose or make another, then check."
            ) from error


def _paged(items: Iterable[Item], keep: Callable[[], None]) -> Iterator[Item]:
    keep()
    for number, item in enumerate(items, start=1):
        yield item
        if number % A_PAGE == 0:
            keep()


_FIELDS = (
    "pk", "status", "directory_user_id", "email", "given_name", "family_name", "seat_group_id",
    "old_seat_group_id", "seat_requested_at", "is_name_to_send", "failure_code", "next_try_at",
    "leased_until", "plan__seat_group_id",
)  # fmt: skip


def _team(now: datetime) -> dict[int, Known]:
    """Everybody on the team, and who left so lately that AWS may still show the seat."""
    lately = Q(left_at__gt=now - SETTLING)
    rows = Member.objects.filter(~Q(status=Member.Status.REMOVED) | lately)
    return {
        row.pk: _known(row, now)
        for row in rows.values_list(*_FIELDS, named=True).iterator(chunk_size=2000)
    }


def _known(row: Any, now: datetime) -> Known:
    is_being_moved = row.seat_group_id != row.plan__seat_group_id and row.failure_code
    return Known(
        pk=row.pk,
        user_id=row.directory_user_id,
        email=row.email,
        given_name=row.given_name,
        family_name=row.family_name,
        # A move that stopped is trouble of its own, with its reason.
        seat_group_id="" if is_being_moved else row.plan__seat_group_id,
        is_judged=row.status in Member.SET_UP and not _is_in_work(row, now),
        is_name_judged=not row.is_name_to_send,
    )


def _is_in_work(row: Any, now: datetime) -> bool:
    is_held = row.leased_until is not None and row.leased_until > now
    asked_at = row.seat_requested_at
    is_settling = asked_at is not None and asked_at > now - SETTLING
    return bool(row.next_try_at or is_held or row.old_seat_group_id or is_settling)


def _unchanged(before: dict[int, Known], after: dict[int, Known]) -> Iterator[Known]:
    for pk in before.keys() | after.keys():
        one, other = before.get(pk), after.get(pk)
        if one == other and one is not None:
            yield one
        else:
            yield from (replace(known, is_judged=False) for known in (one, other) if known)
