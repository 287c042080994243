"""How long credits last. Pure: grants and what Kiro costs in; dates and amounts out.

Kiro bills each seat for the whole month on its first day, overage day by day. Each charge is paid
by the grants open that day, the one that expires first before the others; what a grant still has
at the end of its last day lapses.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from billing.amounts import ZERO
from billing.spending.burn import Burn
from billing.spending.periods import add_months, days

HORIZON = timedelta(days=5 * 366)
"""How far to look ahead where a grant never expires."""

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Grant:
    """A credit that may pay for Kiro, and what is left of it."""

    key: int
    left: Decimal
    starts_on: date
    expires_on: date | None

    @property
    def order(self) -> tuple[date, date, int]:
        return self.expires_on or date.max, self.starts_on, self.key

    def is_open(self, day: date) -> bool:
        return self.starts_on <= day and (self.expires_on is None or day <= self.expires_on)


def share_of_month(day: date) -> Decimal:
    """How much of the month is left, the day included: a seat granted that day costs this much."""
    length = monthrange(day.year, day.month)[1]
    return Decimal(length - day.day + 1) / length


def upgrade(now: Sequence[Decimal], then: Sequence[Decimal], *, today: date) -> Decimal:
    """What changing seats from `now` to `then` costs this month.

    New seats and dearer plans count at once, for the rest of the month; a seat given back or a
    cheaper plan changes nothing before the next (FACTS §2). Seats are paired by price.
    """
    count = max(len(now), len(then))
    before = [*sorted(now, reverse=True), *[ZERO] * (count - len(now))]
    after = [*sorted(then, reverse=True), *[ZERO] * (count - len(then))]
    more = sum((max(b - a, ZERO) for a, b in zip(before, after, strict=True)), ZERO)
    return (more * share_of_month(today)).quantize(Decimal("0.01"), ROUND_HALF_UP)


# Walking through the days ----------------------------------------------------------------------


@dataclass(slots=True)
class Walk:
    """What becomes of each grant, day by day. For each: applied + lapsed + left = what it had."""

    left: dict[int, Decimal]
    applied: dict[int, Decimal] = field(default_factory=dict)
    lapsed: dict[int, Decimal] = field(default_factory=dict)
    balances: list[tuple[date, Decimal]] = field(default_factory=list)
    """What is left at the end of each day, of all grants that have begun."""
    ends_on: date | None = None
    is_used_up: bool = False
    short_on: date | None = None
    """The first day on which credits do not pay all that they may."""

    @property
    def total(self) -> Decimal:
        return sum(self.left.values(), ZERO)

    def pay(self, amount: Decimal, grants: Sequence[Grant], day: date) -> None:
        for grant in grants:
            part = min(amount, self.left[grant.key]) if grant.is_open(day) else ZERO
            if part > 0:
                amount -= part
                self.left[grant.key] -= part
                self.applied[grant.key] = self.applied.get(grant.key, ZERO) + part
        if amount > 0 and self.short_on is None:
            self.short_on = day
        self._note_end(day, is_used_up=True)

    def lapse(self, grants: Sequence[Grant], day: date) -> None:
        for grant in grants:
            if grant.expires_on is not None and grant.expires_on <= day and self.left[grant.key]:
                self.lapsed[grant.key] = self.lapsed.get(grant.key, ZERO) + self.left[grant.key]
                self.left[grant.key] = ZERO
        self._note_end(day, is_used_up=False)

    def note_balance(self, grants: Sequence[Grant], day: date) -> None:
        begun = (self.left[grant.key] for grant in grants if grant.starts_on <= day)
        self.balances.append((day, sum(begun, ZERO)))

    def _note_end(self, day: date, *, is_used_up: bool) -> None:
        if self.ends_on is None and not self.total:
            self.ends_on, self.is_used_up = day, is_used_up


def walk(grants: Sequence[Grant], burn: Burn, *, as_of: date, until: date) -> Walk:
    """From the day after `as_of`, at whose end the grants have what is left, up to `until`."""
    ordered = sorted(grants, key=lambda grant: grant.order)
    found = Walk(left={grant.key: grant.left for grant in ordered})
    if found.total:
        found.lapse(ordered, as_of)
    found.note_balance(ordered, as_of)
    for day in days(as_of + _ONE_DAY, until):
        coverable, _ = burn.on(day, is_first=day == as_of + _ONE_DAY)
        found.pay(coverable, ordered, day)
        found.lapse(ordered, day)
        found.note_balance(ordered, day)
    return found


# The runway ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Runway:
    """Where the credits lead at this burn."""

    as_of: date
    left: Decimal
    ends_on: date | None
    """The last day on which credits pay; None without credits, or when they outlast `HORIZON`."""
    is_used_up: bool
    """They end because they are used up, not because they expire."""
    lapses: Decimal
    lapses_by_grant: Mapping[int, Decimal]
    billed_from: date | None
    """The first day with something to pay because credits are short."""
    billed_a_month: Decimal
    """The first whole month's bill after the end."""
    balances: tuple[tuple[date, Decimal], ...]


def runway(grants: Sequence[Grant], burn: Burn, *, as_of: date) -> Runway:
    left = sum((grant.left for grant in grants if not _is_over(grant, as_of)), ZERO)
    live = [grant for grant in grants if grant.left and not _is_over(grant, as_of)]
    found = walk(live, burn, as_of=as_of, until=_last_day(live, as_of))
    ends_on = found.ends_on if live else None
    after = ends_on or as_of
    return Runway(
        as_of=as_of,
        left=left,
        ends_on=ends_on,
        is_used_up=found.is_used_up,
        lapses=sum(found.lapsed.values(), ZERO),
        lapses_by_grant=found.lapsed,
        billed_from=found.short_on or (_next_charge(burn, after) if found.total == 0 else None),
        billed_a_month=burn.in_month(add_months(after.replace(day=1), 1)),
        balances=tuple(found.balances),
    )


def _is_over(grant: Grant, day: date) -> bool:
    """It expired before that day; what expires on it lapses in the walk."""
    return grant.expires_on is not None and grant.expires_on < day


def _last_day(grants: Sequence[Grant], as_of: date) -> date:
    """When the last grant expires."""
    ends = [grant.expires_on or as_of + HORIZON for grant in grants]
    return min(max(ends, default=as_of), as_of + 2 * HORIZON)


def _next_charge(burn: Burn, day: date) -> date | None:
    """The next day on which anything is billed."""
    if burn.overage_a_day:
        return day + _ONE_DAY
    return add_months(day.replace(day=1), 1) if burn.seats_a_month else None
