"""Northwind Labs over time: how its seats grew and who worked when, as functions of the anchor."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import date, timedelta

from portal.sandbox import company


def month_start(anchor: date, months: int) -> date:
    """The first of the month that lies `months` after the anchor's (negative: before)."""
    index = anchor.year * 12 + anchor.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


# (months from the anchor's month, day of that month, plan, seats): five seats at first, twelve now.
_SEATS_GRANTED = (
    (-15, 18, "pro-plus", 4),
    (-15, 18, "pro", 1),
    (-8, 1, "pro-plus", 1),
    (-6, 1, "pro-plus", 1),
    (-4, 5, "pro-plus", 1),
    (-3, 3, "pro-plus", 1),
    (-2, 9, "power", 1),
    (-1, 6, "pro-plus", 1),
    (-1, 20, "pro-max", 1),
)


@dataclasses.dataclass(frozen=True)
class SeatsGranted:
    """So many seats of a plan, paid from this day on."""

    day: date
    plan: company.KiroPlan
    seats: int


def seats_granted(anchor: date) -> tuple[SeatsGranted, ...]:
    """How the company's seats grew. Fixed by the anchor alone, so that the past never changes."""
    return tuple(
        SeatsGranted(
            month_start(anchor, months) + timedelta(days=day - 1), company.PLAN_BY_CODE[plan], seats
        )
        for months, day, plan, seats in _SEATS_GRANTED
    )


def is_active(person: company.Person, *, day: date, anchor: date) -> bool:
    """Whether Kiro saw the person that day. Who was active lately goes on working; who was idle
    stays idle.
    """
    if person.signed_in_days_ago is None or person.last_active_days_ago is None:
        return False
    first = anchor - timedelta(days=person.signed_in_days_ago)
    last = anchor - timedelta(days=person.last_active_days_ago)
    if day == last:
        return True
    goes_on = person.last_active_days_ago <= 1
    if day < first or (day > last and not goes_on):
        return False
    return day.weekday() < 5 and draw(f"active/{person.email}/{day}") < 0.85


def draw(name: str) -> float:
    """A number in [0, 1) that is always the same for this name: chance without a state."""
    return uuid.uuid5(company.NAMESPACE, name).int % 1_000_003 / 1_000_003
