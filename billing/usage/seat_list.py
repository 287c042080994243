"""The seats page's list: which members, in which order, and what each of them used in a month."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import (
    BooleanField,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Lower, NullIf

from billing.models import UsageMonth
from billing.spending.periods import add_months
from billing.usage import idle, tiers
from billing.usage.idle import Gauge
from onboarding.models import Member, Plan
from onboarding.team import searching

IDLE, OVERAGE, WRONG_TIER, STRANGERS = "idle", "overage", "wrong-tier", "strangers"
SHOWS = {
    "": "Everybody",
    IDLE: "Idle",
    OVERAGE: "In overage",
    WRONG_TIER: "Other tier than given",
    STRANGERS: "Not on the team",
}
SORTS = {
    "": "Most of the plan first",
    "least": "Least of the plan first",
    "overage": "Most overage first",
    "messages": "Most messages first",
    "quiet": "Longest quiet first",
    "name": "By name",
}
MONTHS = 3
"""How many months the trend shows."""
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; unknown words ask for nothing."""

    month: date
    q: str = ""
    show: str = ""
    plan: str = ""
    sort: str = ""

    @property
    def is_any(self) -> bool:
        return bool(self.q or self.show or self.plan)

    @property
    def trend(self) -> list[date]:
        return [add_months(self.month, count) for count in range(1 - MONTHS, 1)]


@dataclass(frozen=True, slots=True)
class Used:
    """A member, or a stranger whom only the report knows, and their months of the trend."""

    user_id: str
    months: Mapping[date, UsageMonth]
    month: date
    last_day: date | None
    member: Member | None = None
    is_idle: bool = False
    is_wrong_tier: bool = False
    left: Member | None = None
    """Who had this id when they were on the team."""

    @property
    def now(self) -> UsageMonth | None:
        return self.months.get(self.month)

    @property
    def plan(self) -> Plan | None:
        return self.member.plan if self.member else None

    @property
    def credits(self) -> Decimal:
        return self.now.credits_used if self.now else ZERO

    @property
    def overage(self) -> Decimal:
        return self.now.overage_credits_used if self.now else ZERO

    @property
    def overage_price(self) -> Decimal | None:
        """What the overage costs; None where no plan says what a credit costs."""
        return self.overage * self.plan.overage_price if self.plan else None

    @property
    def percent(self) -> float | None:
        """Of the plan's allowance; what is beyond 100 is overage."""
        if self.plan is None or not self.plan.credits:
            return None
        return round(float(100 * self.credits / self.plan.credits), 1)


# Who -------------------------------------------------------------------------------------------


def _mine(month: date) -> QuerySet[UsageMonth]:
    mine = UsageMonth.objects.of_month(month)
    return mine.filter(directory_user_id=OuterRef("directory_user_id"))


def members(asked: Asked, measure: Gauge, plans: Sequence[Plan]) -> QuerySet[Member]:
    """Those on the team who were asked for, in the order asked for."""
    found = Member.objects.on_team().filter(_of_text(asked.q))
    if asked.plan:
        found = found.filter(plan__code=asked.plan)
    if asked.show == IDLE:
        found = found.filter(idle.condition(measure))
    elif asked.show == OVERAGE:
        found = found.filter(Exists(_mine(asked.month).filter(overage_credits_used__gt=0)))
    elif asked.show == WRONG_TIER:
        found = found.filter(wrong_tier(asked.month, plans))
    return _sorted(found, asked)


def _of_text(text: str) -> Q:
    """Every word somewhere in the names or the e-mail."""
    found = Q()
    for word in text.split()[:5]:
        found &= searching.containing(word) | Q(directory_user_id__iexact=word)
    return found


def wrong_tier(month: date, plans: Sequence[Plan]) -> Q:
    """The report names another tier than the plan that was given (see `tiers.fitting`)."""
    found = Q(pk__in=[])
    known = set().union(*(tiers.spellings(plan) for plan in plans))
    for plan in plans:
        for is_new in (True, False):
            since = Q(seat_requested_at__date__gte=month)
            right = tiers.fitting(plan, plans, is_new=is_new)
            other = Q(Exists(_mine(month).filter(tier__in=known - right)))
            found |= Q(plan=plan) & (since if is_new else ~since) & other
    return found


def _sorted(found: QuerySet[Member], asked: Asked) -> QuerySet[Member]:
    if asked.sort == "name":
        return found.order_by(Lower("given_name"), Lower("family_name"), "pk")
    if asked.sort == "quiet":
        quiet = found.annotate(quiet_since=idle.last_day())
        return quiet.order_by(F("quiet_since").asc(nulls_first=True), "pk")
    if asked.sort in {"overage", "messages"}:
        column = "overage_credits_used" if asked.sort == "overage" else "messages"
        found = found.annotate(rank=Subquery(_mine(asked.month).values(column)[:1]))
        return found.order_by(F("rank").desc(nulls_last=True), "pk")
    used = Subquery(_mine(asked.month).values("credits_used")[:1])
    of_plan = NullIf(F("plan__credits"), Value(0))
    share = ExpressionWrapper(used / of_plan, DecimalField(max_digits=30, decimal_places=9))
    least, most = F("rank").asc(nulls_first=True), F("rank").desc(nulls_last=True)
    return found.annotate(rank=share).order_by(least if asked.sort == "least" else most, "pk")


def known() -> QuerySet[Member]:
    """The member on the team whom a row of usage is about, by the index that has one of each."""
    members = Member.objects.on_team().exclude(directory_user_id="").order_by()
    return members.filter(directory_user_id=OuterRef("directory_user_id"))


def strangers(asked: Asked) -> QuerySet[UsageMonth]:
    """Whom the report of the month knows and the team does not, the most credits first."""
    found = UsageMonth.objects.of_month(asked.month).filter(~Exists(known()))
    for word in asked.q.split()[:5]:
        found = found.filter(Q(directory_user_id__icontains=word) | Q(report_email__icontains=word))
    return found.order_by("-credits_used", "directory_user_id")


# What they used --------------------------------------------------------------------------------


def used_by(
    found: QuerySet[Member], asked: Asked, measure: Gauge, plans: Sequence[Plan]
) -> list[Used]:
    """The members with their months: two queries however many they are."""
    is_idle = ExpressionWrapper(idle.condition(measure), BooleanField())
    rows = found.select_related("plan").annotate(last_day=idle.last_day(), is_idle=is_idle)
    months = _months((member.directory_user_id for member in rows), asked.trend)
    return [_used(member, months, asked, plans) for member in rows]


def _months(user_ids: Iterable[str], trend: list[date]) -> dict[str, dict[date, UsageMonth]]:
    found: dict[str, dict[date, UsageMonth]] = {}
    wanted = [user_id for user_id in user_ids if user_id]
    rows = UsageMonth.objects.filter(month__in=trend, directory_user_id__in=wanted)
    for row in rows.order_by():
        found.setdefault(row.directory_user_id, {})[row.month] = row
    return found


def _used(
    member: Any, months: dict[str, dict[date, UsageMonth]], asked: Asked, plans: Sequence[Plan]
) -> Used:
    mine = months.get(member.directory_user_id, {})
    return Used(
        user_id=member.directory_user_id,
        months=mine,
        month=asked.month,
        last_day=member.last_day,
        member=member,
        is_idle=bool(member.is_idle),
        is_wrong_tier=_is_wrong(mine.get(asked.month), member, plans),
    )


def _is_wrong(now: UsageMonth | None, member: Member, plans: Sequence[Plan]) -> bool:
    """As `wrong_tier`. Of a tier that nobody here knows, nothing can be said."""
    if now is None or tiers.plan_named(now.tier, plans) is None:
        return False
    is_new = tiers.is_new_in(now.month, member.seat_requested_at)
    return now.tier not in tiers.fitting(member.plan, plans, is_new=is_new)


def used_by_strangers(found: Iterable[UsageMonth], asked: Asked) -> list[Used]:
    rows = list(found)
    ids = [row.directory_user_id for row in rows]
    months = _months(ids, asked.trend)
    gone = Member.objects.filter(status=Member.Status.REMOVED, directory_user_id__in=ids)
    left = {member.directory_user_id: member for member in gone.order_by("left_at")}
    return [
        Used(
            user_id=row.directory_user_id,
            months=months.get(row.directory_user_id, {}),
            month=asked.month,
            last_day=row.last_day,
            left=left.get(row.directory_user_id),
        )
        for row in rows
    ]
