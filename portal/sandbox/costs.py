"""What Northwind Labs was billed, line by line: a function of the anchor and today, so that the
past never changes.

Seat fees fall on the day a seat is granted (prorated to the month's end) and then on the first of
each month, as `FlatRateSubscription`. Overage is `Usage` at $0.04 a credit. Tax is 10% of overage.
Credit grants cover every line they apply to, oldest grant first, until they are used up or expire:
the Starter grant ran out a month before the Growth grant came, so one early month was partly paid,
and part of that was refunded later.
"""

from __future__ import annotations

import calendar
import dataclasses
import functools
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from portal.sandbox import company, history

KIRO = "Kiro"
EC2 = "Amazon Elastic Compute Cloud - Compute"
S3 = "Amazon Simple Storage Service"
CREDITS_USAGE_TYPE = "USE1-KiroEnterprise-Credits"
OVERAGE_PRICE = Decimal("0.04")
OVERAGE_FROM = 17  # the day of the month
TAX_RATE = Decimal("0.10")
_FINE = Decimal("0.0000000001")  # Cost Explorer gives ten decimals
_CENT = Decimal("0.01")


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A line of the bill: amount in USD (negative for credits and refunds), quantity in the usage
    type's unit.
    """

    day: date
    service: str
    record_type: str
    usage_type: str
    amount: Decimal
    quantity: Decimal


@dataclasses.dataclass(frozen=True)
class Grant:
    """A credit grant as issued: amount in USD, first and last day on which it applies, the services
    it covers.
    """

    credit_id: str
    description: str
    amount: Decimal
    start: date
    end: date
    services: tuple[str, ...]

    def covers(self, charge: Line) -> bool:
        return charge.service in self.services and self.start <= charge.day <= self.end


@dataclasses.dataclass(frozen=True)
class Ledger:
    """All lines in order of day, and what each grant gave: (credit id, service, day) → USD,
    positive.
    """

    lines: tuple[Line, ...]
    applied: dict[tuple[str, str, date], Decimal]


def grants(anchor: date) -> tuple[Grant, ...]:
    """The grants, oldest first. Each Kiro grant lasts a year from its issue (FACTS §2)."""

    def days(months: int, lasts: int) -> tuple[date, date]:
        end = history.month_start(anchor, months + lasts) - timedelta(days=1)
        return history.month_start(anchor, months), end

    name = f"AWS promotion - Kiro Pro Plus {anchor.year}"
    return (
        Grant("8310274465", "AWS promotion - Kiro Starter", Decimal(960), *days(-15, 12), (KIRO,)),
        Grant("8457719302", "AWS Activate - Northwind", Decimal(1000), *days(-11, 24), (EC2, S3)),
        Grant("8592034417", name, Decimal(4800), *days(-9, 12), (KIRO,)),
    )


def first_day(anchor: date) -> date:
    return history.month_start(anchor, -16)


@dataclasses.dataclass
class _Balances:
    """What is left of each grant while the days are walked through, and what it gave so far."""

    grants: tuple[Grant, ...]
    left: dict[str, Decimal]
    applied: dict[tuple[str, str, date], Decimal]

    def cover(self, charge: Line) -> Iterator[Line]:
        """The credit lines for a charge, oldest grant first. Refunds are no charge."""
        open_amount = max(charge.amount, Decimal(0))
        for grant in self.grants:
            part = min(open_amount, self.left[grant.credit_id])
            if part > 0 and grant.covers(charge):
                open_amount -= part
                yield self._credit(grant, charge, part)

    def _credit(self, grant: Grant, charge: Line, part: Decimal) -> Line:
        self.left[grant.credit_id] -= part
        key = (grant.credit_id, charge.service, charge.day)
        self.applied[key] = self.applied.get(key, Decimal(0)) + part
        return Line(charge.day, charge.service, "Credit", charge.usage_type, -part, Decimal(0))


@functools.lru_cache(maxsize=4)
def ledger(anchor: date, today: date) -> Ledger:
    """Everything from the first day to today. Today is partial: half of its usage is in yet."""
    given = grants(anchor)
    balances = _Balances(given, {grant.credit_id: grant.amount for grant in given}, {})
    lines: list[Line] = []
    day = first_day(anchor)
    while day <= today:
        for charge in _charges(anchor, day, Decimal("0.5") if day == today else Decimal(1)):
            lines += [charge, *balances.cover(charge)]
        day += timedelta(days=1)
    return Ledger(tuple(lines), balances.applied)


def _charges(anchor: date, day: date, share: Decimal) -> Iterator[Line]:
    yield from _seat_fees(anchor, day)
    yield from _overage(anchor, day, share)
    yield from _unrelated(day, share)
    if day == history.month_start(anchor, -9) + timedelta(days=11):
        refunded = company.PLAN_BY_CODE["pro-plus"].usage_type
        yield Line(day, KIRO, "Refund", refunded, Decimal("-12.00"), Decimal(0))


def _seat_fees(anchor: date, day: date) -> Iterator[Line]:
    days_in_month = calendar.monthrange(day.year, day.month)[1]
    share = Decimal(days_in_month - day.day + 1) / days_in_month
    for plan in company.PLANS:
        granted = [grant for grant in history.seats_granted(anchor) if grant.plan == plan]
        fresh = sum(grant.seats for grant in granted if grant.day == day)
        kept = sum(grant.seats for grant in granted if grant.day < day) if day.day == 1 else 0
        if fresh or kept:
            quantity = (kept + fresh * share).quantize(_FINE)
            amount = (kept * plan.price) + (fresh * plan.price * share).quantize(
                _CENT, ROUND_HALF_UP
            )
            yield Line(day, KIRO, "FlatRateSubscription", plan.usage_type, amount, quantity)


def overage_credits(anchor: date, day: date) -> Decimal:
    """Credits used beyond the plans that day: since overage was switched on, late in the month, on
    working days.
    """
    if day < history.month_start(anchor, -11) or day.day < OVERAGE_FROM or day.weekday() >= 5:
        return Decimal(0)
    chance = history.draw(f"overage/{day}")
    return Decimal(int(chance * 80)) if chance > 0.35 else Decimal(0)


def _overage(anchor: date, day: date, share: Decimal) -> Iterator[Line]:
    used = (overage_credits(anchor, day) * share).quantize(_CENT)
    if used:
        amount = used * OVERAGE_PRICE
        yield Line(day, KIRO, "Usage", CREDITS_USAGE_TYPE, amount, used)
        yield Line(
            day, KIRO, "Tax", CREDITS_USAGE_TYPE, (amount * TAX_RATE).quantize(_FINE), Decimal(0)
        )


def _unrelated(day: date, share: Decimal) -> Iterator[Line]:
    """Other services on the same account: Kiro's figures must not contain them."""
    chance = Decimal(int(history.draw(f"other/{day}") * 1000)) / 1000
    for service, usage_type, unit_price, quantity in (
        (EC2, "BoxUsage:t4g.small", Decimal("0.0168"), 48 + 24 * chance),
        ("EC2 - Other", "EBS:VolumeUsage.gp3", Decimal("0.08"), Decimal("2.0") + chance),
        (S3, "TimedStorage-ByteHrs", Decimal("0.023"), Decimal("9.5") + 4 * chance),
        ("AmazonCloudWatch", "CW:MetricMonitorUsage", Decimal("0.30"), Decimal("0.4")),
    ):
        used = (quantity * share).quantize(_FINE)
        yield Line(day, service, "Usage", usage_type, (used * unit_price).quantize(_FINE), used)
    if day.day == 1:
        yield Line(day, "Tax", "Tax", "", Decimal("3.41"), Decimal(0))
