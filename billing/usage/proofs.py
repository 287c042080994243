"""What the report says of each member, handed over to onboarding; and what a wrong plan is."""

from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import JSONObject

from billing.models import UsageMonth
from billing.usage import tiers
from onboarding.models import Member, Plan
from onboarding.steps import work_proofs
from onboarding.steps.work_proofs import Worked
from onboarding.team import explanations
from onboarding.team.explanations import Explainer
from portal.json_list import JsonList


def apply() -> int:
    """Hold every member against the report; how many steps were newly seen."""
    plans = list(Plan.objects.all())
    found = _worked_by_user()
    members = Member.objects.set_up().select_related("plan")
    newly_seen = 0
    for member in members.prefetch_related("steps").iterator(chunk_size=1000):
        if months := found.get(member.directory_user_id):
            newly_seen += work_proofs.take(member, _worked(member, months, plans))
    return newly_seen


def _worked_by_user() -> dict[str, list[UsageMonth]]:
    """The months of those who are set up, oldest first."""
    ids = Member.objects.set_up().exclude(directory_user_id="")
    rows = UsageMonth.objects.filter(directory_user_id__in=ids.values("directory_user_id"))
    ordered = rows.only("directory_user_id", "month", "first_day", "last_day", "tier").order_by(
        "directory_user_id", "month"
    )
    by_user = groupby(ordered, key=attrgetter("directory_user_id"))
    return {user: list(months) for user, months in by_user}


def _worked(member: Member, months: list[UsageMonth], plans: list[Plan]) -> Worked:
    last = months[-1]
    return Worked(
        first_on=months[0].first_day,
        last_on=last.last_day,
        plan_fits=_fits(member, last, plans),
    )


def _fits(member: Member, month: UsageMonth, plans: list[Plan]) -> bool | None:
    """None for a tier that nobody here knows."""
    if tiers.plan_named(month.tier, plans) is None:
        return None
    is_new = tiers.is_new_in(month.month, member.seat_requested_at)
    return month.tier in tiers.fitting(member.plan, plans, is_new=is_new)


# What a wrong plan is ---------------------------------------------------------------------------


def register() -> None:
    explanations.EXPLAINERS[Member.Trouble.WRONG_PLAN] = Explainer(_last_seen(), _explain)


def _last_seen() -> Subquery:
    """The last day in the report and its tier; with the plans, which say what that is called."""
    months = UsageMonth.objects.exclude(directory_user_id="").order_by("-month")
    mine = months.filter(directory_user_id=OuterRef("directory_user_id"))
    plans = Plan.objects.order_by().values(whole=Value(1))
    listed = Subquery(plans.values(found=JsonList(JSONObject(code="code", name="name"))))
    return Subquery(mine.values(found=JSONObject(tier="tier", day="last_day", plans=listed))[:1])


def _explain(member: Member, found: dict[str, Any]) -> str:
    """Which plan it is, where the report says so. Else nothing."""
    plan = tiers.plan_named(found["tier"], [Plan(**each) for each in found["plans"]])
    if plan is None or plan.code == member.plan.code:
        return ""
    day = date.fromisoformat(found["day"])
    return f"Pays {member.plan}, works on {plan}: the activity report of {day:%d %b}."
