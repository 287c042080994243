"""Synchronising activity reports: find new files, have each read, then draw the conclusions.

Each file is a row that waits for work, so a run that is cut off is taken up by the sweep. What
follows from the rows (months' sums, what the members have proved) is drawn when none is waiting.
"""

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from billing.models import ReportFile, UsageDay, UsageMonth
from billing.spending.periods import add_months
from billing.usage import files, ingestion, months, proofs
from onboarding.models import Member
from portal import audit, jobs
from portal.aws import AwsDenied, AwsError, AwsUnavailable
from portal.models import JobRun, Workspace

logger = logging.getLogger(__name__)

JOB = "ingest_usage"
EVERY = timedelta(hours=1)
SOON = timedelta(minutes=5)

_LIST = "AWS does not let the portal list the activity reports: allow its credentials s3:ListBucket"
_GET = "AWS does not let the portal read the activity reports: allow its credentials s3:GetObject"
_DECRYPT = "The activity reports are encrypted with a key of your own: allow the portal kms:Decrypt"
_CREDENTIALS = "AWS refuses the portal's credentials; the activity reports are not read."


class NotRead(Exception):
    """Why the reports could not be looked at, for a founder to read."""


@dataclass(frozen=True, slots=True)
class Found:
    """How many files are new, and which are due."""

    new: int
    due: list[int]


def is_due(now: datetime) -> bool:
    """Some time after the last run; sooner for a bucket in which nothing was found yet."""
    bucket = Workspace.load().report_bucket
    every = EVERY if ReportFile.objects.filter(bucket=bucket).exists() else SOON
    last = JobRun.objects.filter(name=JOB, last_run_at__gt=now - every)
    return bool(bucket) and not last.exists()


def look(*, now: datetime, is_whole: bool = False) -> Found | None:
    """List the bucket; None where none is chosen. Raises: NotRead."""
    workspace = Workspace.load()
    if not workspace.report_bucket or not workspace.account_id:
        return None
    try:
        new = files.find(workspace, now=now, is_whole=is_whole)
    except AwsError as error:
        reason = _reason(error, workspace, otherwise=_LIST)
        _note_failure(reason, error)
        raise NotRead(reason) from error
    return Found(new, due())


def due() -> list[int]:
    """The newest export first: of a day that was exported twice the other is then not read."""
    waiting = ReportFile.objects.waiting().filter(jobs.due(timezone.now()))
    return list(waiting.order_by("-written_at", "-pk").values_list("pk", flat=True))


def read(pk: int) -> ReportFile | None:
    """Read the file if it is due and free. Raises: NotRead when AWS does not let us."""
    try:
        return ingestion.carry_out(pk)
    except AwsDenied as error:
        reason = _reason(error, Workspace.load(), otherwise=_GET)
        ReportFile.objects.waiting().filter(lease="").update(
            next_try_at=timezone.now() + ingestion.AGAIN
        )
        _note_failure(reason, error)
        raise NotRead(reason) from error


def is_busy() -> bool:
    """A file is due, or in somebody's hands: whoever ends last concludes."""
    waiting = ReportFile.objects.waiting().filter(next_try_at__lte=timezone.now())
    return waiting.filter(is_quarantined=False).exists()


def conclude() -> None:
    """Bring up to date what follows from the rows. Safe to repeat."""
    _sum_up()
    _forget_addresses()
    proofs.apply()
    is_held_up = ReportFile.objects.waiting().exclude(failure_code="").exists()
    if not is_held_up:
        JobRun.note(JOB)


# What follows ----------------------------------------------------------------------------------


@transaction.atomic
def _sum_up() -> None:
    """The months of every file that has changed something, each month once.

    The files are held from the look at them on: whoever changes one of them meanwhile waits, and
    unmarks it; whoever sums up at the same time waits, and finds them marked.
    """
    unsummed = ReportFile.objects.filter(is_summed=False).order_by("pk")
    changed = list(unsummed.select_for_update())
    ReportFile.objects.filter(pk__in=[file.pk for file in changed]).update(is_summed=True)
    touched = {month for file in changed for month in _months(file.first_day, file.last_day)}
    months.rebuild(touched)


def _months(first: date | None, last: date | None) -> list[date]:
    if first is None or last is None:
        return []
    found = [first.replace(day=1)]
    while (following := add_months(found[-1], 1)) <= last:
        found.append(following)
    return found


def _forget_addresses() -> None:
    """A stranger who has become a member is known without the address in the report."""
    known = Member.objects.exclude(directory_user_id="").values("directory_user_id")
    for model in (UsageDay, UsageMonth):
        kept = model._default_manager.exclude(report_email="")
        kept.filter(directory_user_id__in=known).update(report_email="")


# What went wrong -------------------------------------------------------------------------------


def _reason(error: AwsError, workspace: Workspace, *, otherwise: str) -> str:
    if isinstance(error, AwsUnavailable):
        return f"AWS did not answer ({error.code}); the next try follows by itself."
    if isinstance(error, AwsDenied) and not error.is_permission:
        return _CREDENTIALS
    if isinstance(error, AwsDenied):
        what = _DECRYPT if "kms:" in error.message else otherwise
        return f"{what} on {workspace.report_bucket}."
    return f"The bucket {workspace.report_bucket} cannot be listed: {error.code}."


def _note_failure(reason: str, error: AwsError) -> None:
    logger.warning("Activity reports: %s %s", error.operation, error.code)
    is_news = not JobRun.objects.filter(name=JOB, last_error=reason).exists()
    JobRun.note(JOB, error=reason)
    if is_news and isinstance(error, AwsDenied):
        detail = {"code": error.code}
        audit.record("usage.denied", subject="usage", detail=detail, result=audit.Result.FAILED)
