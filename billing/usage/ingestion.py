"""Reading one file of the report into the database: a crash at any point counts nothing twice.

A file is read by whoever holds its row, in steps of `BATCH` lines, each a transaction that holds
the row too; whoever takes it over begins again by taking out what is there of it. Of several
exports of a day and client the newest counts (by the time in its name): what the older ones gave
goes when it has been read, and an older one that comes later is not read at all.
"""

import logging
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from billing.gateways import activity_reports
from billing.models import ReportFile, ReportNote, UsageDay
from billing.usage import reading
from billing.usage.rows import Row
from billing.usage.sieve import Sieve
from onboarding.models import Member
from portal import attempts, audit, jobs
from portal.aws import AwsDenied, AwsError, AwsUnavailable

logger = logging.getLogger(__name__)

BATCH = 5000
AGAIN = timedelta(hours=1)
"""After a refusal: whoever has just allowed it should not wait for a day."""

_GONE = "The file is not in the bucket any more."
_REPLACED = "A newer export of the same day and client counts."
_KEY = ["day", "client", "directory_user_id", "region"]
_VALUES = [
    field.name for field in UsageDay._meta.concrete_fields if field.name not in {"id", *_KEY}
]
_PUT_ASIDE: dict[str, Any] = {
    "status": ReportFile.Status.REPLACED,
    "reason": _REPLACED,
    "is_summed": False,
    "next_try_at": None,
    "lease": "",
    "leased_until": None,
}


class Replaced(Exception):
    """A newer export of the same day and client has come."""


def carry_out(pk: int) -> ReportFile | None:
    """Read the file if it is due and free; as it is afterwards, or None. Raises: AwsDenied."""
    return attempts.carry_out(ReportFile, pk, _read, but=(AwsDenied,))


def _read(file: ReportFile) -> ReportFile:
    """Raises: jobs.LeaseLost, AwsDenied."""
    try:
        _take_in(file)
    except Replaced:
        _put_aside(file)
    except reading.NoReport as reason:
        _refuse(file, str(reason))
    except AwsDenied as error:
        jobs.try_later(
            file, code=error.code, reason=error.code, after=AGAIN.total_seconds(), counts=False
        )
        raise
    except AwsUnavailable as error:
        jobs.try_later(
            file, code=error.code, reason=str(error), after=error.retry_after, counts=False
        )
    except AwsError as error:
        _not_as_listed(file, error)
    return file


def _not_as_listed(file: ReportFile, error: AwsError) -> None:
    if error.code == activity_reports.GONE:
        _refuse(file, _GONE)
    elif error.code == activity_reports.CHANGED:
        jobs.finish(file)  # due again when the next listing has its new ETag
    else:
        jobs.try_later(file, code=error.code, reason=error.code)


# Taking in -------------------------------------------------------------------------------------


def _take_in(file: ReportFile) -> None:
    """Raises: reading.NoReport, Replaced, jobs.LeaseLost, AwsError."""
    if _has_newer(file):
        raise Replaced
    chunks = activity_reports.chunks(file.bucket, file.key, etag=file.etag)
    report = reading.Report(chunks, client=file.client)
    intake = _Intake(file, report)
    for rows, is_last in _steps(report):
        intake.store(rows, is_last=is_last)


def _steps(report: reading.Report) -> Iterator[tuple[list[Row], bool]]:
    """So many lines at a time, and whether they are the last; at least once."""
    lines = iter(report)
    batch = list(islice(lines, BATCH))
    while following := list(islice(lines, BATCH)):
        yield batch, False
        batch = following
    yield batch, True


class _Intake:
    """One reading of one file."""

    def __init__(self, file: ReportFile, report: reading.Report) -> None:
        self._file, self._report = file, report
        self._sieve = Sieve()
        self._team = set(Member.objects.on_team().values_list("directory_user_id", flat=True))
        self._taken = 0
        # Those of an earlier reading too: what it gave then may be gone, and its month summed anew.
        self._days = {day for day in (file.first_day, file.last_day) if day is not None}

    @transaction.atomic
    def store(self, rows: list[Row], *, is_last: bool) -> None:
        """A file of few lines changes at once. Raises: Replaced, jobs.LeaseLost."""
        _hold(self._file)
        if not self._taken:
            _take_out(self._file)
        merged = self._sieve.merged(rows, file=self._file)
        UsageDay.objects.bulk_create(
            [self._usage_day(row) for row in merged],
            update_conflicts=True,
            unique_fields=_KEY,
            update_fields=_VALUES,
        )
        self._taken += len(rows)
        self._days |= {row.day for row in rows}
        span: dict[str, Any] = {
            "first_day": min(self._days, default=None),
            "last_day": max(self._days, default=None),
        }
        jobs.write(self._file, is_summed=False, **span)
        if is_last:
            self._finish()

    def _usage_day(self, row: Row) -> UsageDay:
        is_known = row.directory_user_id in self._team
        return UsageDay(
            day=row.day,
            directory_user_id=row.directory_user_id,
            client=row.client,
            region=self._file.region,
            tier=row.tier,
            tier_text=row.tier_text,
            conversations=row.conversations,
            messages=row.messages,
            credits_used=row.credits_used,
            overage_credits_used=row.overage_credits_used,
            overage_cap=row.overage_cap,
            overage_enabled=row.overage_enabled,
            new_user=row.new_user,
            profile_id=row.profile_id,
            report_email="" if is_known else row.report_email,
            model_messages=row.model_messages,
            file_id=self._file.pk,
        )

    def _finish(self) -> None:
        """The newest export is in: what older ones gave and it did not give again goes."""
        file, report = self._file, self._report
        older = ReportFile.objects.beside(file).that_count().exclude(pk=file.pk)
        for each in older:
            _take_out(each)
        older.update(**_PUT_ASIDE)
        notes = [ReportNote(file=file, **asdict(note)) for note in report.notes]
        ReportNote.objects.bulk_create(notes)
        jobs.finish(
            file,
            status=ReportFile.Status.READ,
            reason="",
            rows=self._taken,
            bad_rows=report.bad_rows,
            read_at=timezone.now(),
        )


def _hold(file: ReportFile) -> None:
    """Keep every export of the day and client until commit: one of them is read at a time.

    Raises: Replaced, jobs.LeaseLost.
    """
    beside = ReportFile.objects.beside(file).order_by("pk").select_for_update()
    list(beside.values_list("pk", flat=True))
    if _has_newer(file):
        raise Replaced
    jobs.renew(file)


def _has_newer(file: ReportFile) -> bool:
    is_later = Q(written_at__gt=file.written_at) | Q(written_at=file.written_at, pk__gt=file.pk)
    return ReportFile.objects.beside(file).that_count().filter(is_later).exists()


def _take_out(file: ReportFile) -> None:
    UsageDay.objects.filter(file=file).delete()
    file.notes.all().delete()


# Not taken in ----------------------------------------------------------------------------------


@transaction.atomic
def _put_aside(file: ReportFile) -> None:
    """Raises: jobs.LeaseLost."""
    _take_out(file)
    jobs.finish(file, **_PUT_ASIDE)


@transaction.atomic
def _refuse(file: ReportFile, reason: str) -> None:
    """What counted of it before is out, and the export before it counts again.

    Raises: jobs.LeaseLost.
    """
    jobs.finish(file, status=ReportFile.Status.REFUSED, reason=reason, is_summed=False)
    _take_out(file)
    logger.warning("Report file %s refused: %s", file.pk, reason)
    audit.record("report.refused", subject=f"report:{file.pk}", detail={"reason": reason})
    beside = ReportFile.objects.beside(file)
    if not beside.that_count().exists():
        before = (
            beside.filter(status=ReportFile.Status.REPLACED).order_by("written_at", "pk").last()
        )
        if before is not None:
            jobs.retry_now(before, status=ReportFile.Status.WAITING, reason="")
