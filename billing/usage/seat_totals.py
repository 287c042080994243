"""The month of the whole team in a few numbers, strangers apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Max, Min, Q, Subquery, Sum

from billing.models import UsageMonth
from billing.spending import periods
from billing.usage import idle, seat_list
from onboarding.models import Member, Plan

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Totals:
    credits: Decimal = ZERO
    overage: Decimal = ZERO
    messages: int = 0
    people: int = 0
    in_overage: int = 0


@dataclass(frozen=True, slots=True)
class Month:
    """`allowance`: of all seats there are now. `overage_price`: by currency."""

    team: Totals
    strangers: Totals
    allowance: int
    overage_price: dict[str, Decimal]
    seats: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.team.credits / self.allowance) if self.allowance else None


def plans() -> list[Plan]:
    """Every plan, with its number of seats as `seats`."""
    on_team = ~Q(members__status=Member.Status.REMOVED) & ~Q(members__seat_group_id="")
    return list(Plan.objects.annotate(seats=Count("members", filter=on_team)))


def _seats(plan: Plan) -> int:
    return getattr(plan, "seats", 0)


def of_month(month: date, plans: Sequence[Plan]) -> Month:
    """By plan, since that says what a credit of overage costs: one query."""
    rows = UsageMonth.objects.of_month(month).annotate(
        plan=Subquery(seat_list.known().values("plan_id")[:1])
    )
    counted = (
        rows.order_by()
        .values("plan")
        .annotate(
            credits=Sum("credits_used"),
            overage=Sum("overage_credits_used"),
            messages_sent=Sum("messages"),
            people=Count("pk"),
            in_overage=Count("pk", filter=Q(overage_credits_used__gt=0)),
        )
    )
    by_plan = {
        row["plan"]: Totals(
            credits=row["credits"],
            overage=row["overage"],
            messages=row["messages_sent"],
            people=row["people"],
            in_overage=row["in_overage"],
        )
        for row in counted
    }
    known = [(plan, by_plan[plan.pk]) for plan in plans if plan.pk in by_plan]
    return Month(
        team=_sum([totals for _, totals in known]),
        strangers=by_plan.get(None, Totals()),
        allowance=sum(plan.credits * _seats(plan) for plan in plans),
        overage_price=idle.by_currency(
            (plan.currency, totals.overage * plan.overage_price) for plan, totals in known
        ),
        seats=sum(_seats(plan) for plan in plans),
    )


def _sum(parts: Sequence[Totals]) -> Totals:
    return Totals(
        credits=sum((part.credits for part in parts), ZERO),
        overage=sum((part.overage for part in parts), ZERO),
        messages=sum(part.messages for part in parts),
        people=sum(part.people for part in parts),
        in_overage=sum(part.in_overage for part in parts),
    )


def months(today: date) -> list[date]:
    """Every month that can be looked at, the newest first: this one, and back to the first read."""
    found = UsageMonth.objects.aggregate(first=Min("month"), last=Max("month"))
    first, last = found["first"] or today, max(found["last"] or today, today)
    return list(reversed(periods.months(first, last)))
