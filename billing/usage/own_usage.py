"""One member's usage, for the member's own page and for the founder's page about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from billing.charts import spark
from billing.models import UsageMonth
from billing.spending import periods
from billing.usage import freshness, seat_rows
from onboarding.models import Member
from portal import panels
from portal.panels import Panel

MONTHS = 12
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Month:
    """One month of a member, in words."""

    start: date
    credits: str
    percent: float | None
    overage: Decimal
    overage_price: Decimal
    messages: int
    active_days: int
    clients: str

    @property
    def bar(self) -> SafeString:
        return mark_safe(spark.share(self.percent or 0))  # noqa: S308  # numbers of ours


@dataclass(frozen=True, slots=True)
class Usage:
    """`months`: the newest first, those without activity between them too."""

    member: Member
    months: tuple[Month, ...]
    last_day: date | None
    known_to: date

    @property
    def now(self) -> Month | None:
        return self.months[0] if self.months else None


def register() -> None:
    panels.register(panels.OWN_PAGE, own)
    panels.register(panels.FOUNDERS_PAGE, for_founders)


def own(member: Member) -> Panel | None:
    usage = load(member)
    return Panel("billing/_own_usage.html", usage) if usage else None


def for_founders(member: Member) -> Panel | None:
    usage = load(member)
    return Panel("billing/_member_usage.html", usage) if usage else None


def load(member: Member) -> Usage | None:
    """None before any report was read: two queries."""
    found, today = freshness.load(), timezone.now().date()
    if found.known_to is None:
        return None
    mine = UsageMonth.objects.filter(directory_user_id=member.directory_user_id)
    rows = {row.month: row for row in mine.exclude(directory_user_id="")}
    last = max((row.last_day for row in rows.values()), default=None)
    return Usage(member, tuple(_months(member, rows, today)), last, found.known_to)


def _months(member: Member, rows: dict[date, UsageMonth], today: date) -> Sequence[Month]:
    """From this month back to the first with activity, a year at most."""
    this_month = today.replace(day=1)
    first = max(min(rows, default=this_month), periods.add_months(this_month, 1 - MONTHS))
    starts = reversed(periods.months(first, today))
    return [_month(member, start, rows.get(start)) for start in starts]


def _month(member: Member, start: date, row: UsageMonth | None) -> Month:
    used = row.credits_used if row else ZERO
    overage = row.overage_credits_used if row else ZERO
    allowance = member.plan.credits
    return Month(
        start=start,
        credits=seat_rows.credits_of(used),
        percent=round(float(100 * used / allowance), 1) if allowance else None,
        overage=overage,
        overage_price=overage * member.plan.overage_price,
        messages=row.messages if row else 0,
        active_days=row.active_days if row else 0,
        clients=seat_rows.clients_of(row.clients if row else ""),
    )
