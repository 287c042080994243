"""What this month comes to in the end. Pure.

Seats are billed on the first, so what is still to come is overage, at the rate of the last 28
days, its tax, and, while the month's bill has none yet, the seats.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from billing.amounts import ZERO
from billing.spending import burn as burning
from billing.spending.burn import Burn
from billing.spending.ledger import Ledger
from billing.spending.periods import add_months


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """The estimate and its parts; `days` are those of which AWS has not told yet."""

    month: date
    used: Decimal
    seats: Decimal
    overage: Decimal
    tax: Decimal
    days: int
    overage_a_day: Decimal

    @property
    def total(self) -> Decimal:
        return self.used + self.seats + self.overage + self.tax

    @property
    def is_certain(self) -> bool:
        """Nothing more is expected."""
        return self.total == self.used


def month_end(ledger: Ledger, burn: Burn, *, known_to: date, today: date) -> MonthEnd:
    """`known_to`: the last day of which AWS has told."""
    month = today.replace(day=1)
    last = add_months(month, 1) - timedelta(days=1)
    so_far = ledger.total(month, last)
    days = (last - max(known_to, month - timedelta(days=1))).days
    seats = ZERO if burning.seat_fees(so_far) else burn.seats_a_month
    overage = burn.overage_a_day * max(days, 0)
    return MonthEnd(
        month=month,
        used=so_far.used,
        seats=seats,
        overage=overage,
        tax=seats * burn.seat_tax + overage * burn.overage_tax,
        days=max(days, 0),
        overage_a_day=burn.overage_a_day,
    )
