"""Which seats are paid for, by plan."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q

from billing.spending.periods import add_months
from onboarding.models import Member, Plan

HAS_SEAT = ~Q(seat_group_id="")


@dataclass(frozen=True, slots=True)
class PlanSeats:
    """How many seats a plan has, at its price a month."""

    code: str
    name: str
    price: Decimal
    currency: str
    count: int


def lasting(today: date) -> Q:
    """Seats that are billed again next month. Who leaves this month is billed for the last time."""
    next_month = add_months(today.replace(day=1), 1)
    is_leaving = Q(status=Member.Status.LEAVING)
    goes_soon = is_leaving & (Q(leaves_on=None) | Q(leaves_on__lt=next_month))
    return HAS_SEAT & ~goes_soon


def by_plan(today: date) -> list[PlanSeats]:
    """Every plan, those without a seat too."""
    members = Member.objects.on_team().filter(lasting(today)).order_by()
    counts = dict(members.values_list("plan_id").annotate(seats=Count("pk")))
    return [
        PlanSeats(plan.code, plan.name, plan.price, plan.currency, counts.get(plan.pk, 0))
        for plan in Plan.objects.all()
    ]


def prices(
    plans: Iterable[PlanSeats], currency: str, wanted: Mapping[str, int] | None = None
) -> tuple[Decimal, ...]:
    """Each seat's price a month; `wanted`: other numbers of seats than there are."""
    return tuple(
        plan.price
        for plan in plans
        if plan.currency == currency
        for _ in range(plan.count if wanted is None else wanted.get(plan.code, plan.count))
    )
