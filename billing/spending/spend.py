"""What Kiro costs, out of our own tables: sums by day and by month, and how fresh they are.

Words: *gross* is everything but credits, refunds and tax, *net* is everything. The page's *used*
is everything but credits (gross + tax + refunds), so that used − covered by credits = paid holds
to the last decimal, whatever record types AWS invents.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum

from billing.amounts import STORED, ZERO
from billing.models import REQUEST_PRICE, CostLine, Refresh
from billing.spending import schedule
from billing.spending.periods import Period
from portal import compiled_sql

TAX, REFUNDS, CREDITS, OVERAGE, OTHER = "tax", "refunds", "credits", "overage", "other"
_RECORD_TYPES = {"Tax": TAX, "Refund": REFUNDS, "Credit": CREDITS}
# A Region's prefix such as USE1- comes before these.
_USAGE_TYPES = {
    "KiroEnterprise-Pro": "pro",
    "KiroEnterprise-ProPlus": "pro-plus",
    "KiroEnterprise-ProMax": "pro-max",
    "KiroEnterprise-Power": "power",
    "KiroEnterprise-Credits": OVERAGE,
}
PLANS = {"pro": "Pro", "pro-plus": "Pro+", "pro-max": "Pro Max", "power": "Power"}


def part_of(record_type: str, usage_type: str) -> str:
    """Which part of the spend a line belongs to; what nobody knows yet is `other`."""
    if record_type in _RECORD_TYPES:
        return _RECORD_TYPES[record_type]
    endings = (part for ending, part in _USAGE_TYPES.items() if usage_type.endswith(ending))
    return next(endings, OTHER)


@dataclass(slots=True)
class Sums:
    """What a stretch of time cost, by part, in one currency."""

    parts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    is_estimated: bool = False
    overage_credits: Decimal = ZERO

    def __getitem__(self, part: str) -> Decimal:
        return self.parts.get(part, ZERO)

    def add(self, part: str, amount: Decimal, *, is_estimated: bool) -> None:
        self.parts[part] += amount
        self.is_estimated |= is_estimated

    @property
    def net(self) -> Decimal:
        return sum(self.parts.values(), ZERO)

    @property
    def credits(self) -> Decimal:
        """Never positive unless AWS takes a credit back."""
        return self[CREDITS]

    @property
    def used(self) -> Decimal:
        return self.net - self.credits

    @property
    def gross(self) -> Decimal:
        return self.used - self[TAX] - self[REFUNDS]


ByCurrency = dict[str, dict[date, Sums]]


def by_day(period: Period) -> ByCurrency:
    return _summed(period, "date")


def by_month(period: Period) -> ByCurrency:
    """Keyed by the first day of each month; days outside the period are left out."""
    return _summed(period, "month")


def total_of(sums: dict[date, Sums]) -> Sums:
    total = Sums()
    for each in sums.values():
        for part, amount in each.parts.items():
            total.add(part, amount, is_estimated=each.is_estimated)
        total.overage_credits += each.overage_credits
    return total


def _summed(period: Period, unit: str) -> ByCurrency:
    """One query, so that no refresh can come between the figures of one page."""
    lines = CostLine.objects.between(period.start, period.end).order_by()
    rows = lines.values_list("currency", unit, "record_type", "usage_type").annotate(
        total=Sum("amount"),
        quantity=Sum("quantity"),
        estimated_lines=Count("pk", filter=Q(estimated=True)),
    )
    found: ByCurrency = defaultdict(lambda: defaultdict(Sums))
    for currency, start, record_type, usage_type, total, quantity, estimated_lines in rows:
        part = part_of(record_type, usage_type)
        # SQLite adds in binary; rounding to what is stored makes the sum exact again.
        amount = total.quantize(STORED)
        sums = found[currency][start]
        sums.add(part, amount, is_estimated=estimated_lines > 0)
        sums.overage_credits += (quantity or ZERO) if part == OVERAGE else ZERO
    return {currency: dict(sorted(sums.items())) for currency, sums in sorted(found.items())}


# Freshness -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old the figures are, and what keeping them costs."""

    now: datetime
    data_from: date | None
    data_to: date | None
    refreshed_at: datetime | None
    next_at: datetime
    under_way: Refresh | None
    trouble: Refresh | None
    paid: Decimal

    @property
    def is_empty(self) -> bool:
        return self.data_to is None

    @property
    def is_of_today(self) -> bool:
        return self.refreshed_at is not None and self.refreshed_at.date() == self.now.date()


@dataclass(frozen=True, slots=True)
class Readings:
    """The last readings of Cost Explorer: the one under way, the one that failed, the last good."""

    under_way: Refresh | None
    trouble: Refresh | None
    done: Refresh | None

    @property
    def refreshed_at(self) -> datetime | None:
        return self.done.finished_at if self.done else None


def readings(newest: Sequence[Refresh] | None = None) -> Readings:
    """`newest`: the two newest, where they are at hand. They tell all but the last success."""
    if newest is None:
        newest = _newest.models()
    ended = next((refresh for refresh in newest if not refresh.is_under_way), None)
    return Readings(
        under_way=newest[0] if newest and newest[0].is_under_way else None,
        trouble=ended if ended and not ended.is_done else None,
        done=ended if ended is None or ended.is_done else Refresh.objects.done().first(),
    )


@compiled_sql.once
def _newest() -> Any:
    return Refresh.objects.all()[:2]


def freshness(now: datetime) -> Freshness:
    days = CostLine.objects.aggregate(first=Min("date"), last=Max("date"))
    requests = Refresh.objects.paid_since(month_of(now))
    return freshness_of((days["first"], days["last"]), readings(), requests, now=now)


def month_of(now: datetime) -> datetime:
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def freshness_of(
    days: tuple[date | None, date | None], last: Readings, requests: int, *, now: datetime
) -> Freshness:
    """`days`: the first and the last with data. `requests`: those paid for this month."""
    return Freshness(
        now=now,
        data_from=days[0],
        data_to=days[1],
        refreshed_at=last.refreshed_at,
        next_at=schedule.after(now),
        under_way=last.under_way,
        trouble=last.trouble,
        paid=requests * REQUEST_PRICE,
    )
