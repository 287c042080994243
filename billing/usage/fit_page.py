"""Members whose plan does not fit, with what another would save."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from billing.models import UsageMonth
from billing.spending.seats import HAS_SEAT
from billing.usage import idle, plan_fit, seats_page, tiers
from billing.usage.freshness import Freshness
from billing.usage.idle import Gauge
from billing.usage.plan_fit import Advice, Kind, Month, Window
from onboarding.models import Member, Plan


@dataclass(frozen=True, slots=True)
class Misfit:
    member: Member
    advice: Advice

    @property
    def saves(self) -> tuple[str, Decimal]:
        return self.member.plan.currency, self.advice.saves


def context(found: Freshness, *, today: date) -> dict[str, Any]:
    """`can_tell`: the reports reach over all three months."""
    as_of = found.as_of(today)
    if as_of is None or found.known_from is None:
        return {"can_tell": False, "misfits": [], "window": None}
    span = plan_fit.window(as_of)
    if found.known_from > span.months[0]:
        return {"can_tell": False, "misfits": [], "window": span}
    misfits = load(span, idle.gauge(found, today=today))
    return {
        "can_tell": True,
        "window": span,
        "misfits": misfits,
        "saves": seats_page.in_money(idle.by_currency(each.saves for each in misfits)),
        "count": sum(each.advice.kind != Kind.OVERAGE for each in misfits),
    }


def load(span: Window, measure: Gauge) -> list[Misfit]:
    """The greatest saving first. Three queries, however many people there are."""
    plans = list(Plan.objects.all())
    found = []
    used = _used(span, plans)
    for member in _members(measure).select_related("plan"):
        months = used.get(member.directory_user_id, {})
        if span.months[0] not in months and _is_newer(member, span):
            continue
        needs = [months.get(month, Month()).need for month in span.months]
        needs[-1] *= span.stretch
        if advice := plan_fit.advise(member.plan, needs, plans):
            found.append(Misfit(member, advice))
    return sorted(found, key=lambda each: -each.advice.saves)


def _members(measure: Gauge) -> QuerySet[Member]:
    """Who has a seat and works on it: an idle seat has a page of its own."""
    found = Member.objects.on_team().filter(HAS_SEAT)
    return found.exclude(idle.condition(measure)).exclude(status=Member.Status.LEAVING)


def _is_newer(member: Member, span: Window) -> bool:
    """Came in the middle of the months that are compared."""
    came_at = member.invited_at or member.added_at
    return came_at.date() > span.months[0]


def _used(span: Window, plans: Iterable[Plan]) -> dict[str, dict[date, Month]]:
    allowances = {name: plan.credits for plan in plans for name in tiers.spellings(plan)}
    found: dict[str, dict[date, Month]] = {}
    rows = UsageMonth.objects.filter(month__in=span.months).order_by()
    columns = ("directory_user_id", "month", "credits_used", "overage_credits_used", "tier")
    for person, month, used, overage, tier in rows.values_list(*columns).iterator():
        found.setdefault(person, {})[month] = Month(used, overage, allowances.get(tier, 0))
    return found
