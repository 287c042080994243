"""The lines of cost since some day, read in one query and folded as often as a page needs them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from billing.models import CostLine
from billing.spending import spend
from billing.spending.spend import ByCurrency, Sums
from portal import compiled_sql

SEATS, ANYTHING = "seats", "anything"


@dataclass(frozen=True, slots=True)
class Tax:
    """A line of tax, and what it was on: seats, overage, or anything (AWS does not always say)."""

    date: date
    base: str
    amount: Decimal


@dataclass(slots=True)
class Ledger:
    """All in one currency."""

    days: dict[date, Sums] = field(default_factory=lambda: defaultdict(Sums))
    taxes: list[Tax] = field(default_factory=list)

    def between(self, first: date, last: date) -> Iterator[tuple[date, Sums]]:
        return ((day, sums) for day, sums in self.days.items() if first <= day <= last)

    def total(self, first: date, last: date) -> Sums:
        return spend.total_of(dict(self.between(first, last)))

    def credits_used(self) -> dict[date, Decimal]:
        """What credits paid, as positive amounts."""
        return {day: -sums.credits for day, sums in self.days.items() if sums.credits < 0}


@dataclass(slots=True)
class Books:
    """Every currency, and the days that the data spans."""

    ledgers: dict[str, Ledger] = field(default_factory=lambda: defaultdict(Ledger))
    data_from: date | None = None
    data_to: date | None = None
    """The first and the last day with a line."""
    told_to: date | None = None
    """The last whole day that AWS has told of, with a line or without."""

    @property
    def currency(self) -> str:
        """The one in which most was used."""
        used = {name: spend.total_of(each.days).used for name, each in self.ledgers.items()}
        return max(used, key=lambda name: used[name], default="USD")

    def of(self, currency: str) -> Ledger:
        return self.ledgers.get(currency) or Ledger()

    def by_month(self, first: date, last: date) -> ByCurrency:
        found: ByCurrency = {}
        for currency, ledger in self.ledgers.items():
            months: dict[date, Sums] = defaultdict(Sums)
            for day, sums in ledger.between(first, last):
                for part, amount in sums.parts.items():
                    month = months[day.replace(day=1)]
                    month.add(part, amount, is_estimated=sums.is_estimated)
            if months:
                found[currency] = dict(months)
        return found


def read(since: date | None) -> Books:
    books = Books()
    for currency, day, record_type, usage_type, amount, is_estimated in _lines.rows(since):
        part = spend.part_of(record_type, usage_type)
        ledger = books.ledgers[currency]
        ledger.days[day].add(part, amount, is_estimated=is_estimated)
        if part == spend.TAX:
            ledger.taxes.append(Tax(day, _base(usage_type), amount))
        books.data_from, books.data_to = books.data_from or day, day
    return books


@compiled_sql.once
def _lines(since: date | None) -> Any:
    lines = CostLine.objects.between(since, None).order_by("date")
    return lines.values_list("currency", "date", "record_type", "usage_type", "amount", "estimated")


def told_to(data_to: date | None, refreshed_at: datetime | None) -> date | None:
    """The last whole day that AWS has told of: days without cost leave no line."""
    if refreshed_at is None or data_to is None:
        return data_to
    return refreshed_at.date() - timedelta(days=1)


def _base(usage_type: str) -> str:
    part = spend.part_of("", usage_type)
    if part == spend.OVERAGE:
        return spend.OVERAGE
    return SEATS if part in spend.PLANS else ANYTHING
