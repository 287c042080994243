"""The days of the report summed up by person and month, for pages that look at many months."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from itertools import groupby, islice
from operator import itemgetter, or_
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, Case, Max, Min, QuerySet, Sum, When

from billing.models import UsageDay, UsageMonth
from billing.spending.periods import add_months

CHUNK = 1000


@transaction.atomic
def rebuild(months: set[date]) -> None:
    """Sum these months up anew, each named by any of its days, in the caller's transaction.

    One person after the other, so that the memory it takes does not grow with the report.
    """
    for month in sorted({day.replace(day=1) for day in months}):
        UsageMonth.objects.of_month(month).delete()
        rows = _rows(month)
        while chunk := list(islice(rows, CHUNK)):
            UsageMonth.objects.bulk_create(chunk)


def _rows(month: date) -> Iterator[UsageMonth]:
    parts = _parts(month).iterator(chunk_size=CHUNK)
    for person, mine in groupby(parts, key=itemgetter("directory_user_id")):
        yield _row(month, person, list(mine))


def _days(month: date) -> QuerySet[UsageDay]:
    last = add_months(month, 1) - timedelta(days=1)
    return UsageDay.objects.between(month, last).order_by("directory_user_id")


def _parts(month: date) -> QuerySet[UsageDay, Any]:
    """By person, client, Kiro profile and tier: the last of the tiers is the one that counts.

    In one query, so that all of it is of one moment: reports are read at the same time.
    """
    by_part = _days(month).values("directory_user_id", "client", "region", "tier")
    return by_part.annotate(
        credits=Sum("credits_used"),
        overage=Sum("overage_credits_used"),
        messages=Sum("messages"),
        conversations=Sum("conversations"),
        first=Min("day"),
        last=Max("day"),
        text=Max("tier_text"),
        email=Max("report_email"),
        days=_days_as_bits(month),
    )


def _days_as_bits(month: date) -> Sum:
    """A bit for each day of the month; a part has a day once, so no bit is added twice.

    Two clients, or two Kiro profiles, on one day are one day: a count by part could not tell.
    """
    days = (month + timedelta(days=number) for number in range(31))
    bits = (When(day=day, then=1 << number) for number, day in enumerate(days))
    return Sum(Case(*bits, output_field=BigIntegerField()))


def _row(month: date, person: str, parts: list[dict[str, Any]]) -> UsageMonth:
    latest = max(parts, key=itemgetter("last", "tier"))
    return UsageMonth(
        month=month,
        directory_user_id=person,
        credits_used=_sum(parts, "credits"),
        overage_credits_used=_sum(parts, "overage"),
        messages=sum(part["messages"] for part in parts),
        conversations=sum(part["conversations"] for part in parts),
        active_days=reduce(or_, (part["days"] for part in parts)).bit_count(),
        first_day=min(part["first"] for part in parts),
        last_day=latest["last"],
        clients=" ".join(sorted({part["client"] for part in parts})),
        tier=latest["tier"],
        tier_text=latest["text"],
        report_email=max(part["email"] for part in parts),
    )


def _sum(parts: Iterable[dict[str, Any]], name: str) -> Decimal:
    return sum((part[name] for part in parts), Decimal(0))
