"""Cost Explorer's time: validated intervals with an exclusive end, cut into days or months, and
what is estimated.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from portal.sandbox.cost_filter import invalid
from portal.sandbox.history import month_start

MONTHS_BACK = 14
FINAL_FROM = 5  # a month's bill is final on this day of the next


@dataclasses.dataclass(frozen=True)
class Period:
    """From `start` up to and without `end`."""

    start: date
    end: date

    def to_json(self) -> dict[str, str]:
        return {"Start": self.start.isoformat(), "End": self.end.isoformat()}


def parsed(interval: dict[str, str]) -> Period:
    """A valid interval. Hours are for HOURLY data, which this account has not switched on."""
    try:
        period = Period(date.fromisoformat(interval["Start"]), date.fromisoformat(interval["End"]))
    except ValueError:
        raise invalid("Time period must be in the form yyyy-MM-dd") from None
    if period.start >= period.end:
        raise invalid("Start date (and hour) should be before end date (and hour)")
    return period


def check_history(period: Period, *, today: date) -> None:
    if period.start < month_start(today, -MONTHS_BACK):
        raise invalid("You haven't enabled historical data beyond 14 months")


def cut(period: Period, granularity: str) -> Iterator[Period]:
    """Days, or months of which the first and last may be partial."""
    start = period.start
    while start < period.end:
        next_start = start + timedelta(days=1) if granularity == "DAILY" else month_start(start, 1)
        yield Period(start, min(next_start, period.end))
        start = next_start


def is_estimated(period: Period, *, today: date) -> bool:
    """This month always; last month until its bill is final."""
    last_day = period.end - timedelta(days=1)
    return last_day >= month_start(today, 0 if today.day >= FINAL_FROM else -1)


def granularity_of(params: dict[str, Any]) -> str:
    if params["Granularity"] == "HOURLY":
        raise invalid("Hourly data granularity is not enabled for this account")
    return str(params["Granularity"])
