"""When founders have to be told of money. Pure: facts in, causes out.

A cause bears a key, and is told once. Of several thresholds only the tightest that is reached
counts, so that whoever connects the portal late gets one mail, not four.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from billing.credit.credits import Runway
from billing.models import Alert
from billing.spending.periods import add_months
from billing.spending.spend import Sums
from portal.templatetags.portal import money

DAYS_BEFORE = (7, 14, 30, 60)
SHARES_OF_BUDGET = (100, 90, 75)
STALE_AFTER = timedelta(hours=36)
_CENT = Decimal("0.005")
"""Less than this is no cent, and so no charge."""

Kind = Alert.Kind


@dataclass(frozen=True, slots=True)
class Cause:
    kind: Alert.Kind
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Expiry:
    """A grant that expires, and how much of it would lapse at the present burn."""

    grant: int
    name: str
    day: date
    lapses: Decimal


@dataclass(frozen=True, slots=True)
class Facts:
    now: datetime
    currency: str
    runway: Runway
    newest_grant: int
    """A new grant makes the end of the credits a new cause."""
    expiries: tuple[Expiry, ...]
    months: dict[date, Sums]
    """This month, the last and the one before, by their first days."""
    seats: int
    budget: Decimal | None
    refreshed_at: datetime | None
    waiting_since: datetime | None
    """When Cost Explorer was first asked."""
    trouble: str

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def month(self) -> date:
        return self.today.replace(day=1)

    def sums(self, month: date) -> Sums:
        return self.months.get(month) or Sums()

    def money(self, amount: Decimal) -> str:
        return money(amount, self.currency)


def due(facts: Facts) -> list[Cause]:
    """Everything that is so now; whoever calls keeps what was told before."""
    return [cause for rule in _RULES for cause in rule(facts)]


def _credits_end(facts: Facts) -> Iterator[Cause]:
    """Used up; credits that expire are told of grant by grant."""
    ends_on = facts.runway.ends_on
    if ends_on is None or not facts.runway.is_used_up:
        return
    days = (ends_on - facts.today).days
    threshold = _reached(days)
    if threshold:
        after = facts.money(facts.runway.billed_a_month)
        text = (
            f"The credits end on {_long(ends_on)}, {_in_days(days)}: "
            f"{facts.money(facts.runway.left)} is left. After that {after} a month is billed."
        )
        key = f"{Kind.CREDITS_END}:{facts.newest_grant}:{threshold}"
        yield Cause(Kind.CREDITS_END, key, text)


def _grant_expires(facts: Facts) -> Iterator[Cause]:
    for expiry in facts.expiries:
        days = (expiry.day - facts.today).days
        threshold = _reached(days)
        if threshold and days >= 0 and expiry.lapses >= _CENT:
            text = (
                f"“{expiry.name}” expires on {_long(expiry.day)}, {_in_days(days)}. At the present "
                f"burn {facts.money(expiry.lapses)} of it would lapse."
            )
            key = f"{Kind.GRANT_EXPIRES}:{expiry.grant}:{expiry.day}:{threshold}"
            yield Cause(Kind.GRANT_EXPIRES, key, text)


def _reached(days: int) -> int | None:
    return next((limit for limit in DAYS_BEFORE if days <= limit), None)


def _in_days(days: int) -> str:
    if days <= 0:
        return "today" if days == 0 else "by our reckoning"
    return f"in {days} day{'' if days == 1 else 's'}"


def _long(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _net_charge(facts: Facts) -> Iterator[Cause]:
    """The first month in which credits do not cover everything, after one in which they did."""
    for month in (add_months(facts.month, -1), facts.month):
        sums, before = facts.sums(month), facts.sums(add_months(month, -1))
        if sums.net >= _CENT and before.net < _CENT:
            used, covered = facts.money(sums.used), facts.money(-sums.credits)
            text = (
                f"AWS charges {facts.money(sums.net)} for Kiro in {month:%B %Y}: {used} used, "
                f"{covered} covered by credits, the first month that is not covered in full."
            )
            later = " AWS may still change this month." if sums.is_estimated else ""
            yield Cause(Kind.NET_CHARGE, f"{Kind.NET_CHARGE}:{month:%Y-%m}", text + later)


def _budget(facts: Facts) -> Iterator[Cause]:
    """What was used counts, covered or not: credits end, habits stay."""
    used = facts.sums(facts.month).used
    if not facts.budget or used <= 0:
        return
    share = 100 * used / facts.budget
    reached = next((limit for limit in SHARES_OF_BUDGET if share >= limit), None)
    if reached:
        text = (
            f"{facts.month:%B} has used {facts.money(used)}, {int(share)}% of the budget of "
            f"{facts.money(facts.budget)} a month."
        )
        key = f"{Kind.BUDGET}:{facts.month:%Y-%m}:{facts.budget:.2f}:{reached}"
        yield Cause(Kind.BUDGET, key, text)


def _no_seats(facts: Facts) -> Iterator[Cause]:
    used = facts.sums(facts.month).used
    if used >= _CENT and not facts.seats:
        text = (
            f"AWS bills {facts.money(used)} for Kiro in {facts.month:%B}, but nobody here has a "
            "seat. Somebody was subscribed outside this portal."
        )
        yield Cause(Kind.NO_SEATS, f"{Kind.NO_SEATS}:{facts.month:%Y-%m}", text)


def _stale(facts: Facts) -> Iterator[Cause]:
    since = facts.refreshed_at or facts.waiting_since
    if since is None or facts.now - since <= STALE_AFTER:
        return
    hours = int((facts.now - since).total_seconds() // 3600)
    said = f"The spend is {hours} hours old" if facts.refreshed_at else "The spend was never read"
    text = f"{said}. {facts.trouble}".strip()
    yield Cause(Kind.STALE, f"{Kind.STALE}:{since:%Y-%m-%dT%H:%M:%S}", text)


_RULES: tuple[Callable[[Facts], Iterator[Cause]], ...] = (
    _credits_end,
    _grant_expires,
    _net_charge,
    _budget,
    _no_seats,
    _stale,
)
