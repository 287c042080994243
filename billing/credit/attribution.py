"""Which grant paid what. Pure.

The bill says how much credits paid on a day, never which: so a day's credits are spread over the
grants as AWS spreads them, the one that expires first before the others. Where it is known how
much of a grant was used by some day, that is spread backwards from there, since the bills do not
reach back to every grant's first day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Purse:
    """So much of a grant as was used, or may have been, between two days, both included."""

    key: int
    amount: Decimal
    first: date
    last: date
    order: tuple[date, date, int]
    is_known: bool
    """All of it was used, not only up to so much."""


Used = dict[int, dict[date, Decimal]]


def attribute(purses: Sequence[Purse], credits_used: Mapping[date, Decimal]) -> Used:
    """How much each grant paid on which day; what fits into no purse is nobody's."""
    found: Used = {purse.key: {} for purse in purses}
    ordered = sorted(purses, key=lambda purse: purse.order)
    open_days = dict(sorted(credits_used.items()))
    known = [purse for purse in reversed(ordered) if purse.is_known]
    _fill(known, open_days, reversed(list(open_days)), found)
    _fill([purse for purse in ordered if not purse.is_known], open_days, open_days, found)
    return found


def _fill(
    purses: Sequence[Purse], open_days: dict[date, Decimal], days: Iterable[date], found: Used
) -> None:
    """Take from each day what goes into the purses, the first purse first."""
    left = [purse.amount for purse in purses]
    for day in days:
        for place, purse in enumerate(purses):
            part = min(open_days[day], left[place]) if purse.first <= day <= purse.last else ZERO
            if part > 0:
                left[place] -= part
                open_days[day] -= part
                found[purse.key][day] = found[purse.key].get(day, ZERO) + part
