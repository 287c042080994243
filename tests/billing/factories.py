"""Lines of cost, grants and rows of the activity report for tests."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from billing.models import CostLine, CreditGrant, ReportFile, UsageDay
from billing.usage import months

PRO_PLUS = "USE1-KiroEnterprise-ProPlus"


def make_line(
    amount="40",
    *,
    day=date(2026, 11, 1),
    record="FlatRateSubscription",
    usage=PRO_PLUS,
    currency="USD",
    estimated=False,
    quantity=None,
):
    return CostLine.objects.create(
        date=day,
        record_type=record,
        usage_type=usage,
        amount=Decimal(amount),
        currency=currency,
        estimated=estimated,
        quantity=quantity,
    )


def make_bill(*, day=date(2026, 11, 1), **fields):
    """Seats, overage and its tax, a refund, and a credit that covers most of it: $1.30 is paid."""
    make_line("40", day=day, **fields)
    make_line("10", day=day, record="Usage", usage="USE1-KiroEnterprise-Credits", **fields)
    make_line("1.30", day=day, record="Tax", usage="USE1-KiroEnterprise-Credits", **fields)
    make_line("-5", day=day, record="Refund", **fields)
    make_line("-45", day=day, record="Credit", **fields)


def make_grant(amount="4800", *, starts=date(2026, 2, 1), expires=date(2027, 1, 31), **fields):
    """A grant for Kiro that a founder typed in; `credit_id` makes it AWS's."""
    values = {"name": "AWS promotion - Kiro Pro Plus 2026", "products": ["Kiro"], **fields}
    return CreditGrant.objects.create(
        amount=Decimal(amount), starts_on=starts, expires_on=expires, **values
    )


# Usage -------------------------------------------------------------------------------------------


def make_report_file(*, day, client="KIRO_IDE", **fields):
    """A file of the activity report that was read."""
    file = _report_file(day, client, number=ReportFile.objects.count(), **fields)
    file.save()
    return file


def _report_file(day, client, *, number, **fields):
    values = {
        "etag": "e",
        "account_id": "123456789012",
        "region": "us-east-1",
        "written_at": datetime.combine(day, time(2), UTC),
        "status": "read",
        "read_at": datetime.combine(day + timedelta(days=1), time(6, 10), UTC),
        **fields,
    }
    key = f"{day}/{client}/{number}.csv"
    return ReportFile(bucket="reports", key=key, report_date=day, client=client, **values)


def make_usage(who, *days, credits="10", overage="0", client="KIRO_IDE", tier="proplus", **fields):
    """Rows of the report, one a day, for a member, an id or a list of them; the months are summed up."""
    people = who if isinstance(who, list) else [who]
    for day in days:
        file = ReportFile.objects.filter(report_date=day, client=client).first()
        file = file or make_report_file(day=day, client=client)
        UsageDay.objects.bulk_create(
            UsageDay(
                day=day,
                directory_user_id=person if isinstance(person, str) else person.directory_user_id,
                client=client,
                tier=tier,
                tier_text=tier.upper(),
                credits_used=Decimal(credits),
                overage_credits_used=Decimal(overage),
                file=file,
                **{"messages": 4, "conversations": 1, **fields},
            )
            for person in people
        )
    months.rebuild(set(days))


def make_reports(*, start, end):
    """Reports were read of every day between, whoever was in them."""
    days = {start + timedelta(days=offset) for offset in range((end - start).days + 1)}
    days -= set(ReportFile.objects.values_list("report_date", flat=True))
    before = ReportFile.objects.count()
    ReportFile.objects.bulk_create(
        _report_file(day, "KIRO_IDE", number=before + number)
        for number, day in enumerate(sorted(days))
    )
