"""Seats that are paid and not used: who, since when, and for how much a month.

Idle is whoever has a seat, was invited more than the grace period ago, and has no row in the
reports of so many days. Counted back from the last report that was read, not from today, so that
reports that stay away do not make the whole team look idle.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Func, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from billing.models import IdleRules, ReportFile, UsageMonth
from billing.spending.seats import HAS_SEAT
from billing.usage import freshness
from billing.usage.freshness import Freshness
from onboarding.models import Member
from portal import audit
from portal.models import User
from portal.watch import vital_signs

_STAYS = Q(status__in=Member.SET_UP)
_FIRST, _LAST = "report_first", "report_last"
_AFTER, _GRACE = "idle_after_days", "idle_grace_days"
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Gauge:
    """The rules, and the stretch of days over which they can be judged."""

    rules: IdleRules
    as_of: date | None
    known_from: date | None

    @property
    def can_tell(self) -> bool:
        """The reports reach back far enough to say that somebody was not there."""
        if self.as_of is None or self.known_from is None:
            return False
        return self.known_from <= self.quiet_since

    @property
    def quiet_since(self) -> date:
        """Whoever was active on a later day than this is not idle."""
        if self.as_of is None:
            return date.min
        return self.as_of - timedelta(days=self.rules.after_days)

    def quiet_days(self, last_day: date | None) -> int | None:
        if self.as_of is None or last_day is None:
            return None
        return max((self.as_of - last_day).days, 0)


def gauge(found: Freshness, *, today: date) -> Gauge:
    return Gauge(IdleRules.load(), as_of=found.as_of(today), known_from=found.known_from)


def columns() -> dict[str, Any]:
    """What a gauge takes, to go with the company's own row on a page of many figures."""
    read = ReportFile.objects.filter(status__in=freshness.READ, is_summed=True).order_by()
    rules = IdleRules.objects.filter(pk=1)
    return {
        _FIRST: Subquery(read.annotate(n=Func(F("report_date"), function="MIN")).values("n")),
        _LAST: Subquery(read.annotate(n=Func(F("report_date"), function="MAX")).values("n")),
        _AFTER: Subquery(rules.values("after_days")[:1]),
        _GRACE: Subquery(rules.values("grace_days")[:1]),
    }


def gauge_of(row: Any, *, today: date) -> Gauge:
    """`row`: loaded with these columns, which SQLite gives as text."""
    first, last = (vital_signs.day(getattr(row, name)) for name in (_FIRST, _LAST))
    rules = IdleRules()
    if getattr(row, _AFTER) is not None:
        rules = IdleRules(after_days=getattr(row, _AFTER), grace_days=getattr(row, _GRACE))
    return Gauge(rules, as_of=min(last, today) if last else None, known_from=first)


def active_since(day: date) -> Q:
    """The member has a row in a report of a later day than this.

    A list that depends on no member: it is read once, however the query around it counts.
    """
    active = UsageMonth.objects.filter(month__gte=day.replace(day=1), last_day__gt=day)
    return Q(directory_user_id__in=active.order_by().values("directory_user_id"))


def condition(measure: Gauge) -> Q:
    """Who is idle; nobody where it cannot be told."""
    if not measure.can_tell or measure.as_of is None:
        return Q(pk__in=[])
    settled = _start_of(measure.as_of + timedelta(days=1 - measure.rules.grace_days))
    was_invited = Q(invited_at__lt=settled) | Q(invited_at=None, seat_requested_at__lt=settled)
    return HAS_SEAT & _STAYS & was_invited & ~active_since(measure.quiet_since)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())


def last_day() -> Subquery:
    """The last day on which the member was active, as far as reports go back."""
    mine = UsageMonth.objects.filter(directory_user_id=OuterRef("directory_user_id"))
    return Subquery(mine.order_by("-month").values("last_day")[:1])


def members(measure: Gauge) -> QuerySet[Member]:
    """The idle, the dearest first, then who has been quiet longest; `last_day` on each."""
    found = Member.objects.on_team().filter(condition(measure))
    found = found.select_related("plan").annotate(last_day=last_day())
    return found.order_by("-plan__price", F("last_day").asc(nulls_first=True), "pk")


# In money --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seats:
    """Seats of one currency: bought, used within the rules' days, idle, and what those cost."""

    currency: str
    bought: int
    used: int
    idle: int
    price: Decimal
    idle_price: Decimal


def seats(measure: Gauge) -> list[Seats]:
    """By currency, the one with most seats first: one query."""
    is_idle, was_used = condition(measure), active_since(measure.quiet_since)
    rows = Member.objects.on_team().filter(HAS_SEAT).order_by().values("plan__currency")
    counted = rows.annotate(
        bought=Count("pk"),
        used=Count("pk", filter=was_used),
        idle=Count("pk", filter=is_idle),
        price=Sum("plan__price"),
        idle_price=Sum("plan__price", filter=is_idle),
    )
    return sorted(map(_seats, counted), key=lambda each: -each.bought)


def _seats(row: Any) -> Seats:
    return Seats(
        currency=row["plan__currency"],
        bought=row["bought"],
        used=row["used"],
        idle=row["idle"],
        price=row["price"] or ZERO,
        idle_price=row["idle_price"] or ZERO,
    )


def by_currency(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Sums that may be added, in the order in which their currencies first appear."""
    found: dict[str, Decimal] = {}
    for currency, amount in amounts:
        found[currency] = found.get(currency, ZERO) + amount
    return found


# The rules -------------------------------------------------------------------------------------


@transaction.atomic
def set_rules(*, after_days: int, grace_days: int, by: User) -> None:
    row = IdleRules.objects.get_or_create(pk=1)[0]
    if (row.after_days, row.grace_days) == (after_days, grace_days):
        return
    row.after_days, row.grace_days = after_days, grace_days
    row.save(update_fields=["after_days", "grace_days"])
    rules = {"after_days": after_days, "grace_days": grace_days}
    audit.record("idle.rules_changed", actor=by, detail=rules)
