"""Which files of the report there are: remembered by key and by ETag, so that each is read once.

An export lies under the day it reports on. A look every hour lists the last days alone; once a day,
and from the shell, everything that the portal keeps is listed, for a day that was exported again
long after.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from billing.gateways import activity_reports
from billing.gateways.activity_reports import ReportObject
from billing.models import ReportFile
from billing.spending.periods import add_months
from onboarding.gateways import report_bucket
from portal.models import JobRun, Workspace

LOOKS_BACK = timedelta(days=7)
WHOLE_EVERY = timedelta(days=1)
LISTED_WHOLE = "list_all_reports"


def oldest_day(today: date) -> date:
    """The first day that the portal keeps anything of."""
    return add_months(today.replace(day=1), -settings.USAGE_RETENTION_MONTHS)


def find(workspace: Workspace, *, now: datetime, is_whole: bool = False) -> int:
    """Remember what is new or has changed in the bucket; how many files. Raises: AwsError."""
    bucket = workspace.report_bucket
    folder = report_bucket.folder(workspace.report_prefix, workspace.account_id)
    is_whole = is_whole or not _was_listed_whole(now)
    found = 0
    for region in activity_reports.regions(bucket, folder):
        since = _since(bucket, region, now.date(), is_whole=is_whole)
        for page in activity_reports.listed(bucket, folder, region=region, since=since):
            found += _remember(bucket, page, now=now)
    if is_whole:
        JobRun.note(LISTED_WHOLE)
    return found


def _was_listed_whole(now: datetime) -> bool:
    last = JobRun.objects.filter(name=LISTED_WHOLE, last_run_at__gt=now - WHOLE_EVERY)
    return last.exists()


def _since(bucket: str, region: str, today: date, *, is_whole: bool) -> date:
    oldest = oldest_day(today)
    known = ReportFile.objects.filter(bucket=bucket, region=region)
    newest = known.order_by("report_date").values_list("report_date", flat=True).last()
    return oldest if is_whole or newest is None else max(oldest, newest - LOOKS_BACK)


@transaction.atomic
def _remember(bucket: str, page: list[ReportObject], *, now: datetime) -> int:
    files = ReportFile.objects.filter(bucket=bucket, key__in=[each.key for each in page])
    known = {file.key: file for file in files}
    new = [_file(bucket, each, now=now) for each in page if each.key not in known]
    ReportFile.objects.bulk_create(new, ignore_conflicts=True)  # another worker lists it too
    changed = [each for each in page if each.key in known and known[each.key].etag != each.etag]
    for each in changed:
        _read_again(known[each.key], each, now=now)
    return len(new) + len(changed)


def _file(bucket: str, found: ReportObject, *, now: datetime) -> ReportFile:
    return ReportFile(
        bucket=bucket,
        key=found.key,
        etag=found.etag,
        account_id=found.account_id,
        region=found.region,
        report_date=found.day,
        client=found.client,
        written_at=found.written_at,
        size=found.size,
        found_at=now,
        next_try_at=now,
    )


def _read_again(file: ReportFile, found: ReportObject, *, now: datetime) -> None:
    """Written anew under the same name. Taken from whoever is reading what was there before."""
    ReportFile.objects.filter(pk=file.pk, etag=file.etag).update(
        etag=found.etag,
        size=found.size,
        written_at=found.written_at,
        status=ReportFile.Status.WAITING,
        reason="",
        next_try_at=now,
        lease="",
        leased_until=None,
        failures=0,
        failure_code="",
        last_error="",
        is_quarantined=False,
    )
