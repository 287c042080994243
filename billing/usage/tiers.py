"""Does the tier in the report fit the plan that a member was given? Pure."""

from collections.abc import Iterable
from datetime import date, datetime

from onboarding.models import Plan
from onboarding.steps import verification


def spellings(plan: Plan) -> set[str]:
    """How a report may call the plan, in letters alone: by its code, or by its present name."""
    return {verification.letters(plan.code), verification.letters(plan.name)}


def fitting(plan: Plan, plans: Iterable[Plan], *, is_new: bool) -> set[str]:
    """The tiers that are right. `is_new`: given this month, when a smaller plan may still wait."""
    allowed = [each for each in plans if each.price > plan.price] if is_new else []
    return set().union(*(spellings(each) for each in [plan, *allowed]))


def is_new_in(month: date, asked_at: datetime | None) -> bool:
    """The seat was asked for in this month, or after it."""
    return asked_at is not None and asked_at.date() >= month


def plan_named(tier: str, plans: Iterable[Plan]) -> Plan | None:
    """The plan that the report means; None for a tier that nobody here knows."""
    return next((plan for plan in plans if tier in spellings(plan)), None)
