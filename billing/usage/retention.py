"""Usage is kept for `USAGE_RETENTION_MONTHS` whole months before this one, then it is deleted."""

from datetime import date, datetime

from django.db import transaction

from billing.models import ReportFile, UsageDay, UsageMonth
from billing.usage import files
from portal import audit
from portal.models import JobRun

JOB = "purge_usage"
CHUNK = 10_000


def purge(*, now: datetime) -> int:
    """Delete what is too old, days, sums and files; how many days' rows that was."""
    before = files.oldest_day(now.date())
    gone = 0
    while chunk := _purge_chunk(before):
        gone += chunk
    _purge_rest(before, gone)
    JobRun.note(JOB)
    return gone


def _purge_chunk(before: date) -> int:
    """In steps, so that nobody else waits long for the database."""
    old = UsageDay.objects.before(before).order_by().values_list("pk", flat=True)
    return UsageDay.objects.filter(pk__in=list(old[:CHUNK])).delete()[0]


@transaction.atomic
def _purge_rest(before: date, gone: int) -> None:
    UsageMonth.objects.filter(month__lt=before).delete()
    empty = ReportFile.objects.filter(report_date__lt=before, days=None)
    files_gone = ReportFile.objects.filter(pk__in=list(empty.values_list("pk", flat=True)))
    count = files_gone.count()
    files_gone.delete()
    if gone or count:
        detail = {"before": before.isoformat(), "rows": gone, "files": count}
        audit.record("usage.purged", subject="usage", detail=detail)
