"""Who still pays for a plan of their own next to the seat, and about what that costs a month."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from onboarding.models import Member


@dataclass(frozen=True, slots=True)
class AtRisk:
    """`amount` takes each individual plan to cost what the seat does: only its owner knows."""

    people: int
    amount: Decimal
    currency: str


def payers() -> QuerySet[Member]:
    members = Member.objects.on_team()
    return members.filter(individual_plan=Member.IndividualPlan.STILL_PAID)


def at_risk() -> AtRisk:
    """A month; in the currency with the most of it."""
    sums = payers().values("plan__currency").annotate(people=Count("pk"), sum=Sum("plan__price"))
    most = sums.order_by("-sum").first()
    if most is None:
        return AtRisk(0, Decimal(0), "USD")
    return AtRisk(most["people"], most["sum"], most["plan__currency"])
