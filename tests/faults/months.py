"""Month ends, leap days, time zones and New Year: whose month is it?"""

import calendar
import csv
import io
import os
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import time_machine
from django.test import Client
from django.utils import timezone

from billing.models import CostLine
from billing.spending import periods, refreshes, spend
from tests.faults.lab import Lab
from tests.faults.outcome import Outcome, fault

ZONES = {
    "UTC": "UTC0",
    "Pacific/Kiritimati": "<+14>-14",
    "America/Los_Angeles": "PST8PDT,M3.2.0,M11.1.0",
}
"""The portal's own, the first to see a new day, and one of the last; as C's library knows them."""
NAMED = ("this-month", "last-month", "3m", "12m", "all")


def boundaries():
    """48 moments around which a month is easily mistaken: the last second before and the first
    after midnight UTC, of twelve month ends, two leap days and what follows, and the hours in which
    the zones above change over."""
    midnights = [date(2027, month, 1) for month in range(1, 13)]
    midnights += [date(2028, 1, 1), date(2028, 2, 29), date(2028, 3, 1), date(2100, 3, 1)]
    found = []
    for day in midnights:
        at = datetime(day.year, day.month, day.day, tzinfo=UTC)
        found += [at - timedelta(seconds=1), at, at + timedelta(hours=10, seconds=1)]
    return found


@fault("month ends, leap day, time zones, New Year")
def at_boundaries(lab: Lab):
    moments = boundaries()[:: 8 if lab.is_short else 1]
    lab.fresh()
    wrong = sum(_mistakes(lab, moment) for moment in moments)
    return Outcome(
        injected=len(moments) * len(ZONES),
        wrong=wrong,
        note=f"{len(moments)} moments × {len(ZONES)} zones",
    )


def _mistakes(lab, moment):
    bill = _bill(lab.dice, moment.date())
    CostLine.objects.all().delete()
    CostLine.objects.bulk_create(
        CostLine(date=day, record_type="Usage", usage_type="USE1-KiroEnterprise-Pro", amount=amount)
        for day, amount in bill.items()
    )
    found = 0
    for zone, spelled in ZONES.items():
        os.environ["TZ"] = spelled
        time.tzset()
        try:
            # As a number: with a zone of its own, the moment would bring that zone along.
            at = moment.timestamp()
            with time_machine.travel(at, tick=False), timezone.override(ZoneInfo(zone)):
                found += _mistakes_in_zone(lab, bill, moment)
        finally:
            os.environ["TZ"] = "UTC0"
            time.tzset()
    return found


def _bill(dice, today):
    """Thirteen months up to today, a line a day, to the tenth decimal."""
    first = today - timedelta(days=400)
    days = [first + timedelta(days=count) for count in range(401)]
    return {day: Decimal(dice.randrange(1, 10**13)) / 10**10 for day in days}


def _mistakes_in_zone(lab, bill, moment):
    found = _is_wrong_window(moment)
    for name in NAMED:
        period = periods.named(name, today=timezone.now().date())
        found += _months_of(period) != _truth(bill, name, moment)
    found += _exported(lab) != _truth(bill, "this-month", moment)
    return found


def _is_wrong_window(moment):
    """What the next refresh would read: the whole of last month and of this."""
    window = refreshes.window(timezone.now().date())
    last = calendar.monthrange(moment.year, moment.month)[1]
    this_month = date(moment.year, moment.month, 1)
    return window.end != date(moment.year, moment.month, last) + timedelta(days=1) or not (
        window.start < this_month
    )


def _months_of(period):
    months = spend.by_month(period).get("USD", {})
    days = spend.by_day(period).get("USD", {})
    if sum(each.net for each in months.values()) != sum(each.net for each in days.values()):
        return {"the months are not the sum of their days": Decimal(0)}
    return {f"{month:%Y-%m}": sums.net for month, sums in months.items()}


def _exported(lab):
    """The file that founders download, by the page."""
    client = Client()
    client.force_login(lab.founder)
    answer = client.get("/spend/export.csv?period=this-month")
    rows = csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig")))
    months = Counter()
    for row in rows:
        months[row["date"][:7]] += Decimal(row["amount"])
    return dict(months)


def _truth(bill, name, moment):
    """By the letters of the date alone: a month is what an ISO date begins with."""
    counts = {"this-month": 1, "last-month": 1, "3m": 3, "12m": 12, "all": 99}
    here = moment.year * 12 + moment.month - 1
    newest = here - 1 if name == "last-month" else here
    months = Counter()
    for day, amount in bill.items():
        year, month = map(int, day.isoformat().split("-")[:2])
        if newest - counts[name] < year * 12 + month - 1 <= newest:
            months[day.isoformat()[:7]] += amount
    return dict(months)
