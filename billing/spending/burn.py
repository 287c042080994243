"""What Kiro costs a month from here on, worked out from what it has cost. Pure.

Seats cost what their plans cost. Overage goes on as in the last 28 days. Tax goes on at the rates
of the last bills, and credits pay it if they have paid it before.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from billing.amounts import STORED, ZERO
from billing.spending import spend
from billing.spending.ledger import ANYTHING, SEATS, Ledger
from billing.spending.periods import add_months, months
from billing.spending.spend import Sums

DAYS = 28
MONTHS_OF_TAX = 3
_RATE = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Burn:
    """What Kiro costs from here on. Rates of tax are shares: 0.1 for 10%."""

    seats_a_month: Decimal = ZERO
    overage_a_day: Decimal = ZERO
    seat_tax: Decimal = ZERO
    overage_tax: Decimal = ZERO
    is_tax_covered: bool = True
    at_once: Decimal = ZERO
    """Seats that begin, or rise to a dearer plan, in the middle of this month."""

    def in_month(self, month: date) -> Decimal:
        """A whole month's bill, tax included."""
        overage = self.overage_a_day * monthrange(month.year, month.month)[1]
        return self.seats_a_month + overage + self._tax(self.seats_a_month, overage)

    def on(self, day: date, *, is_first: bool = False) -> tuple[Decimal, Decimal]:
        """What the day adds to the bill: all that credits may pay, and what they may not."""
        seats = self.seats_a_month if day.day == 1 else ZERO
        seats += self.at_once if is_first else ZERO
        tax = self._tax(seats, self.overage_a_day)
        charge = seats + self.overage_a_day
        return (charge + tax, ZERO) if self.is_tax_covered else (charge, tax)

    def _tax(self, seats: Decimal, overage: Decimal) -> Decimal:
        return (seats * self.seat_tax + overage * self.overage_tax).quantize(STORED)


def measure(ledger: Ledger, seats_a_month: Decimal, *, told_to: date | None) -> Burn:
    if told_to is None:
        return Burn(seats_a_month)
    first = add_months(told_to.replace(day=1), 1 - MONTHS_OF_TAX)
    recent = ledger.total(first, told_to)
    anything = _rate(_tax(ledger, ANYTHING, first), recent.gross)
    overage_tax = _rate(_tax(ledger, spend.OVERAGE, first), recent[spend.OVERAGE])
    seat_tax = _rate(_tax(ledger, SEATS, first), seat_fees(recent))
    return Burn(
        seats_a_month=seats_a_month,
        overage_a_day=(overage(ledger, told_to) / DAYS).quantize(STORED),
        seat_tax=seat_tax + anything,
        overage_tax=overage_tax + anything,
        is_tax_covered=_is_tax_covered(
            ledger.total(month, add_months(month, 1) - timedelta(days=1))
            for month in months(first, told_to)
        ),
    )


def overage(ledger: Ledger, told_to: date) -> Decimal:
    """Of the last 28 days that AWS has told of."""
    return max(ledger.total(told_to - timedelta(days=DAYS - 1), told_to)[spend.OVERAGE], ZERO)


def seat_fees(sums: Sums) -> Decimal:
    return sum((sums[plan] for plan in spend.PLANS), ZERO)


def _tax(ledger: Ledger, base: str, first: date) -> Decimal:
    amounts = (tax.amount for tax in ledger.taxes if tax.base == base and tax.date >= first)
    return sum(amounts, ZERO)


def _rate(tax: Decimal, base: Decimal) -> Decimal:
    return (tax / base).quantize(_RATE) if base > 0 and tax > 0 else ZERO


def _is_tax_covered(bills: Iterable[Sums]) -> bool:
    """Whether credits ever paid for more than everything but tax; if no bill tells, they do not."""
    taxed = [bill for bill in bills if bill[spend.TAX] > 0]
    return not taxed or any(-bill.credits > bill.used - bill[spend.TAX] for bill in taxed)
