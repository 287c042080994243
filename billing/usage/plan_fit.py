"""Which plan would fit a member better, by what they needed in three months. Pure."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from billing.spending.periods import add_months
from onboarding.models import Plan

MONTHS = 3
EARLIEST_DAY = 10
"""From this day on a month says enough of itself to be projected to its end."""
SPARE = Decimal("1.25")
"""A smaller plan has to hold the busiest month with a quarter on top."""
ZERO = Decimal(0)


class Kind(StrEnum):
    SMALLER = "smaller"
    BIGGER = "bigger"
    OVERAGE = "overage"


@dataclass(frozen=True, slots=True)
class Window:
    """The months that are compared; the last counts `stretch` times, when it is not over yet."""

    months: tuple[date, ...]
    stretch: Decimal

    @property
    def is_projected(self) -> bool:
        return self.stretch > 1


def window(as_of: date) -> Window:
    """The last three months that reports cover; the month in hand once it says enough."""
    this_month = as_of.replace(day=1)
    length = monthrange(as_of.year, as_of.month)[1]
    is_early = as_of.day < EARLIEST_DAY
    last = add_months(this_month, -1) if is_early else this_month
    stretch = Decimal(1) if is_early else Decimal(length) / as_of.day
    return Window(tuple(add_months(last, count) for count in range(1 - MONTHS, 1)), stretch)


@dataclass(frozen=True, slots=True)
class Month:
    """What a month took, and the allowance of the plan that it was worked on."""

    credits: Decimal = ZERO
    overage: Decimal = ZERO
    allowance: int = 0

    @property
    def need(self) -> Decimal:
        """All credits it took. Reports may or may not count overage among the credits used."""
        if not self.overage:
            return self.credits
        return max(self.credits, self.allowance + self.overage)


@dataclass(frozen=True, slots=True)
class Advice:
    """`plan`: the better one; None where overage is the cheapest there is."""

    kind: Kind
    percent: int
    plan: Plan | None
    saves: Decimal
    overage_price: Decimal


def cost(plan: Plan, need: Decimal) -> Decimal:
    """A month on this plan, overage included."""
    return plan.price + max(need - plan.credits, ZERO) * plan.overage_price


def advise(plan: Plan, needs: Sequence[Decimal], plans: Sequence[Plan]) -> Advice | None:
    """None when the plan fits, and for whoever used nothing: that is an idle seat."""
    if not plan.credits or not any(needs):
        return None
    others = [each for each in plans if each.currency == plan.currency and each.pk != plan.pk]
    if all(need > plan.credits for need in needs):
        return _for_overage(plan, needs, others)
    return _for_spare(plan, needs, others)


def _for_spare(plan: Plan, needs: Sequence[Decimal], others: Sequence[Plan]) -> Advice | None:
    most = max(needs) * SPARE
    fits = [each for each in others if each.price < plan.price and each.credits >= most]
    if not fits:
        return None
    best = min(fits, key=lambda each: each.price)
    return Advice(Kind.SMALLER, _percent(plan, needs), best, plan.price - best.price, ZERO)


def _for_overage(plan: Plan, needs: Sequence[Decimal], others: Sequence[Plan]) -> Advice:
    now, percent = _mean_cost(plan, needs), _percent(plan, needs)
    bigger = [each for each in others if each.price > plan.price]
    best = min(bigger, key=lambda each: _mean_cost(each, needs), default=None)
    saves = ZERO if best is None else now - _mean_cost(best, needs)
    if best is None or saves <= 0:
        return Advice(Kind.OVERAGE, percent, None, ZERO, now - plan.price)
    return Advice(Kind.BIGGER, percent, best, saves, now - plan.price)


def _mean_cost(plan: Plan, needs: Sequence[Decimal]) -> Decimal:
    return sum((cost(plan, need) for need in needs), ZERO) / len(needs)


def _percent(plan: Plan, needs: Sequence[Decimal]) -> int:
    return round(100 * sum(needs, ZERO) / len(needs) / plan.credits)
