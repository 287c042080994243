"""Money in the background. All of these may run twice, late, or at the same time."""

import logging

from celery import shared_task
from django.utils import timezone

from billing.alerts import raising
from billing.credit import readings
from billing.models import CreditReading, ReportFile
from billing.spending import refreshes
from billing.usage import report_sync, retention
from portal import jobs
from portal.models import JobRun

logger = logging.getLogger(__name__)


@shared_task
def refresh_spend(pk: int | None = None) -> None:
    """Carry out the refresh that was asked for or, by schedule, ask for one first."""
    if pk is None:
        pk = _asked()
    if pk is not None:
        refreshes.carry_out(pk)


@shared_task
def refresh_spend_when_due() -> None:
    """Every minute: catch up on a scheduled refresh that was missed, and on the very first."""
    if refreshes.is_due(timezone.now()):
        refresh_spend()
    JobRun.note("refresh_spend_when_due")


def _asked() -> int | None:
    try:
        return refreshes.ask(now=timezone.now()).pk
    except refreshes.NotNow as reason:
        logger.info("Spend not refreshed: %s", reason)
        return None


@shared_task
def read_credits(pk: int) -> None:
    readings.carry_out(pk)


@shared_task
def read_credits_when_due() -> None:
    """Every few minutes, as the sweep might: so that the very first reading needs no page."""
    readings.carry_out(CreditReading.load().pk)
    JobRun.note("read_credits_when_due")


@shared_task
def raise_alerts() -> None:
    """Every few minutes: tell founders of what is new about money, each cause once."""
    raising.raise_due(timezone.now())
    JobRun.note("raise_alerts")


@shared_task
def ingest_usage() -> None:
    """Once an hour, as soon as it is due: look for activity reports, have what is new read."""
    now = timezone.now()
    if jobs.is_paused() or report_sync.is_busy() or not report_sync.is_due(now):
        return
    try:
        found = report_sync.look(now=now)
    except report_sync.NotRead:
        return
    if found is not None:
        jobs.enqueue(ReportFile, found.due[: jobs.SWEEP_LIMIT])  # the sweep takes the rest
        _conclude_usage()


@shared_task
def read_report_file(pk: int) -> None:
    try:
        report_sync.read(pk)
    except report_sync.NotRead:
        return
    _conclude_usage()


def _conclude_usage() -> None:
    if not report_sync.is_busy():
        report_sync.conclude()


@shared_task
def purge_usage() -> None:
    """Once a night."""
    retention.purge(now=timezone.now())
