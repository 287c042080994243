"""Changing what the portal knows of a plan. AWS is not told: its prices are its own."""

from django.db import transaction

from onboarding.models import Plan
from portal import audit
from portal.models import User


def named(code: str) -> Plan | None:
    """The plan with this code; None for whatever else a request may say, NUL included."""
    offered = Plan.objects.all() if code else []
    return next((plan for plan in offered if plan.code == code), None)


@transaction.atomic
def change(plan: Plan, *, actor: User) -> None:
    """Save the plan; where it is the default, no other one is."""
    if plan.is_default:
        Plan.objects.exclude(pk=plan.pk).update(is_default=False)
    plan.save()
    audit.record(
        "plan.changed",
        subject=f"plan:{plan.code}",
        actor=actor,
        detail={
            "price": str(plan.price),
            "credits": plan.credits,
            "overage_price": str(plan.overage_price),
        },
    )
