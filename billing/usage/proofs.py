"""What the report says of each member, handed over to onboarding; and what a wrong plan is."""

from itertools import groupby
from operator import attrgetter

from billing.models import UsageMonth
from billing.usage import tiers
from onboarding.models import Member, Plan
from onboarding.steps import work_proofs
from onboarding.steps.work_proofs import Worked
from onboarding.team import trouble

_SET_UP = (Member.Status.INVITED, Member.Status.VERIFIED)


def register() -> None:
    trouble.TELLERS[Member.Trouble.WRONG_PLAN] = explain


def apply() -> int:
    """Hold every member against the report; how many steps were newly seen."""
    plans = list(Plan.objects.all())
    found = _worked_by_user()
    members = Member.objects.filter(status__in=_SET_UP).select_related("plan")
    newly_seen = 0
    for member in members.prefetch_related("steps").iterator(chunk_size=1000):
        if months := found.get(member.directory_user_id):
            newly_seen += work_proofs.take(member, _worked(member, months, plans))
    return newly_seen


def _worked_by_user() -> dict[str, list[UsageMonth]]:
    """The months of those who are set up, oldest first."""
    ids = Member.objects.filter(status__in=_SET_UP).exclude(directory_user_id="")
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


def explain(member: Member) -> str:
    """Of a member with the wrong plan, when the report says so: which one. Else nothing."""
    mine = UsageMonth.objects.filter(directory_user_id=member.directory_user_id)
    last = mine.first() if member.directory_user_id else None
    plan = tiers.plan_named(last.tier, Plan.objects.all()) if last else None
    if last is None or plan is None or plan == member.plan:
        return ""
    return f"Pays {member.plan}, works on {plan}: the activity report of {last.last_day:%d %b}."
