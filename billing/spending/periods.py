"""Stretches of days to look at, and how finely. Pure: today is passed in."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

NAMES = {
    "this-month": "This month",
    "last-month": "Last month",
    "3m": "3 months",
    "12m": "12 months",
    "all": "All",
}
DEFAULT = "12m"
MOST_DAYS = 62
"""Up to two months are shown day by day, more by month."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to `end`, both included; None leaves that side open."""

    start: date | None
    end: date | None
    name: str = ""

    @property
    def is_by_day(self) -> bool:
        if self.start is None or self.end is None:
            return False
        return (self.end - self.start).days < MOST_DAYS

    @property
    def query(self) -> str:
        """The period as it stands in a URL."""
        sides = {"period": self.name} if self.name else {"from": self.start, "to": self.end}
        return urlencode({name: value for name, value in sides.items() if value})

    @property
    def slug(self) -> str:
        """The period in a file name."""
        return self.name or f"{self.start or 'start'}-{self.end}"


def named(name: str, *, today: date) -> Period:
    this_month = today.replace(day=1)
    month_end = add_months(this_month, 1) - timedelta(days=1)
    if name == "all":
        return Period(None, None, name)
    if name == "last-month":
        return Period(add_months(this_month, -1), this_month - timedelta(days=1), name)
    months = {"this-month": 1, "3m": 3, "12m": 12}[name]
    return Period(add_months(this_month, 1 - months), month_end, name)


def add_months(month: date, count: int) -> date:
    """The first day of the month that lies `count` months from `month`."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=count) for count in range((last - first).days + 1)]


def months(first: date, last: date) -> list[date]:
    """The first day of every month that the days from `first` to `last` touch."""
    found, month = [], first.replace(day=1)
    while month <= last:
        found.append(month)
        month = add_months(month, 1)
    return found
