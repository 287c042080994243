"""Where this month is going, and how that compares with the budget, for the spend page."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from billing.amounts import ZERO
from billing.models import Budget
from billing.spending import burn, forecast, ledger, seats
from billing.spending.forecast import MonthEnd
from billing.spending.periods import Period, add_months
from billing.spending.spend import Freshness


@dataclass(frozen=True, slots=True)
class Meter:
    """What is used, expected and budgeted, in per cent of the largest."""

    used: float
    expected: float
    budget: float | None
    percent_of_budget: int | None

    @property
    def is_over(self) -> bool:
        return (self.percent_of_budget or 0) >= 100


def context(period: Period, freshness: Freshness, *, today: date) -> dict[str, Any]:
    """Nothing where the period ends before this month, or before any data."""
    is_over = period.end is not None and period.end < today.replace(day=1)
    if is_over or freshness.data_to is None:
        return {"month_end": None}
    return _context(freshness, today=today)


def _context(freshness: Freshness, *, today: date) -> dict[str, Any]:
    books = ledger.read(add_months(today.replace(day=1), 1 - burn.MONTHS_OF_TAX))
    told_to = ledger.told_to(freshness.data_to, freshness.refreshed_at)
    currency, data_to = books.currency, freshness.data_to or today
    measured = burn.measure(
        books.of(currency),
        sum(seats.prices(seats.by_plan(today), currency), ZERO),
        told_to=told_to,
    )
    found = forecast.month_end(
        books.of(currency), measured, known_to=max(told_to or data_to, data_to), today=today
    )
    budget = Budget.current()
    is_ours = budget is not None and budget.currency == currency
    return {
        "month_end": found,
        "month_currency": currency,
        "budget": budget,
        "meter": _meter(found, budget.amount if budget and is_ours else None),
    }


def _meter(found: MonthEnd, budget: Decimal | None) -> Meter:
    largest = max(found.total, found.used, budget or ZERO, Decimal("0.01"))

    def percent(amount: Decimal) -> float:
        return round(float(100 * max(amount, ZERO) / largest), 2)

    return Meter(
        used=percent(found.used),
        expected=percent(found.total),
        budget=None if budget is None else percent(budget),
        percent_of_budget=None if budget is None else int(100 * found.used / budget),
    )
