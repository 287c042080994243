"""Fourteen months of spend, and of use of Kiro by the whole team on every second day."""

from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from billing.models import CostLine, Refresh, ReportFile, UsageDay
from billing.usage import months
from onboarding.models import Member
from tests.bench import ground

DAYS = 14 * 30


def fill():
    now = timezone.now()
    days = [now.date() - timedelta(days=ago) for ago in range(1, DAYS)]
    CostLine.objects.bulk_create(_line(day) for day in days)
    Refresh.objects.create(outcome=Refresh.Outcome.DONE, started_at=now, finished_at=now)
    files = ReportFile.objects.bulk_create(_file(day, now) for day in days)
    people = list(Member.objects.values_list("directory_user_id", flat=True))
    for file in files[::2]:
        UsageDay.objects.bulk_create([_day(file, person) for person in people])
    with transaction.atomic():
        months.rebuild(set(days))
    ground.settle()


def _line(day):
    return CostLine(
        date=day, month=day.replace(day=1), record_type="FlatRateSubscription",
        usage_type="USE1-KiroEnterprise-ProPlus", amount=Decimal("1333.33"),
    )  # fmt: skip


def _file(day, now):
    return ReportFile(
        bucket="reports", key=f"{day}.csv", etag="1", account_id="1" * 12, region="us-east-1",
        report_date=day, client="KIRO_IDE", written_at=now, read_at=now,
        status=ReportFile.Status.READ, first_day=day, last_day=day,
    )  # fmt: skip


def _day(file, person):
    return UsageDay(
        file=file, day=file.report_date, directory_user_id=person, client="KIRO_IDE", tier="proplus",
        tier_text="PRO_PLUS", conversations=3, messages=20, credits_used=Decimal("41.5"),
    )  # fmt: skip
