"""Where Identity Center and the team differ. Pure: two pictures in, a list of differences out."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from onboarding.gateways.identity_center import DirectoryUser
from onboarding.models import Drift
from onboarding.team import names
from portal.models import normalise_email

Kind = Drift.Kind

MISSING = "MISSING"
"""`Member.directory_status` of somebody whom Identity Center does not have."""


@dataclass(frozen=True, slots=True)
class Known:
    """A member as the portal has them. `seat_group_id`: where the seat has to be, empty when
    nothing is to be said of it. Not judged: whoever the portal itself is working on.
    """

    pk: int
    user_id: str
    email: str
    given_name: str
    family_name: str
    seat_group_id: str
    is_judged: bool = True
    is_name_judged: bool = True


@dataclass(frozen=True, slots=True)
class Listing:
    """What Identity Center has: all users, and the ids of those in each seat group."""

    users: tuple[DirectoryUser, ...]
    seats: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Difference:
    """`member`: whose, None for a stranger. `group_ids`: the seat groups the user is in."""

    kind: Drift.Kind
    member: int | None
    user: DirectoryUser
    group_ids: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, int | str]:
        """Each is there once; the same as that of the row that keeps it."""
        return self.kind.value, self.member or self.user.user_id

    @property
    def mark(self) -> str:
        """Which difference exactly: with another mark it is a new one."""
        if self.kind == Kind.EMAIL:
            return self.user.email
        if self.kind == Kind.NAME:
            return "\n".join(_spelled(self.user.given_name, self.user.family_name))
        return " ".join((self.user.user_id, *self.group_ids))


def compare(members: Iterable[Known], listing: Listing) -> list[Difference]:
    """Everything that differs, members first. `members`: all on the team, judged or not."""
    members = list(members)
    users = {user.user_id: user for user in listing.users}
    groups = _groups_of(listing.seats)
    found = [
        difference
        for member in members
        if member.is_judged
        for difference in _of_member(member, users.get(member.user_id), groups)
    ]
    return [*found, *_strangers(members, users, groups)]


def _groups_of(seats: Mapping[str, frozenset[str]]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for group_id in sorted(seats):
        for user_id in seats[group_id]:
            groups[user_id] = (*groups.get(user_id, ()), group_id)
    return groups


def _of_member(
    member: Known, user: DirectoryUser | None, groups: Mapping[str, tuple[str, ...]]
) -> Iterator[Difference]:
    if user is None:
        yield Difference(Kind.MISSING, member.pk, DirectoryUser(member.user_id, "", ""))
        return
    if user.status == "DISABLED":
        yield Difference(Kind.DISABLED, member.pk, user)
    held = groups.get(user.user_id, ())
    if kind := _trouble_with_seat(member.seat_group_id, held):
        yield Difference(kind, member.pk, user, held)
    if normalise_email(user.email) != member.email:
        yield Difference(Kind.EMAIL, member.pk, user)
    if member.is_name_judged and _is_renamed(member, user):
        yield Difference(Kind.NAME, member.pk, user)


def _trouble_with_seat(wanted: str, held: tuple[str, ...]) -> Drift.Kind | None:
    if not wanted or held == (wanted,):
        return None
    if not held:
        return Kind.OUT_OF_GROUP
    return Kind.TWO_GROUPS if wanted in held else Kind.WRONG_GROUP


def _is_renamed(member: Known, user: DirectoryUser) -> bool:
    if not user.given_name and not user.family_name:
        return False  # a directory that keeps no names has not changed any
    # Identity Center wants both names; the portal gives it the only one twice.
    ours = _spelled(member.given_name, member.family_name or member.given_name)
    return _spelled(user.given_name, user.family_name) != ours


def _spelled(*parts: str) -> tuple[str, ...]:
    """Without what makes no other name: case, width, the number of spaces.

    Identity Center takes longer names than a member's can be.
    """
    short = (part[: names.LONGEST_NAME] for part in parts)
    return tuple(" ".join(unicodedata.normalize("NFKC", each).casefold().split()) for each in short)


def _strangers(
    members: list[Known],
    users: Mapping[str, DirectoryUser],
    groups: Mapping[str, tuple[str, ...]],
) -> Iterator[Difference]:
    """Users with a seat who are nobody's here.

    A member whose user is being made, or has gone and come back under another id, is known by
    the e-mail. A seat without a user is of one deleted while we read.
    """
    ids = {member.user_id for member in members}
    awaited = {m.email for m in members if not m.is_judged or m.user_id not in users}
    for user_id, held in groups.items():
        user = users.get(user_id)
        if user and user_id not in ids and normalise_email(user.email) not in awaited:
            yield Difference(Kind.STRANGER, None, user, held)


def statuses(members: Iterable[Known], listing: Listing) -> dict[str, list[int]]:
    """Members by `directory_status`; those in work who are not there yet are left out."""
    users = {user.user_id: user for user in listing.users}
    found: dict[str, list[int]] = {}
    for member in members:
        user = users.get(member.user_id)
        if user is not None:
            found.setdefault(user.status, []).append(member.pk)
        elif member.is_judged:
            found.setdefault(MISSING, []).append(member.pk)
    return found
