"""Money in the background. All of these may run twice, late, or at the same time."""

import logging

from celery import shared_task
from django.utils import timezone

from billing import alerting
from billing.credit import readings
from billing.models import CreditReading
from billing.spending import refreshes
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
    JobRun.note("refresh-spend-when-due")


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
    JobRun.note("read-credits-when-due")


@shared_task
def raise_alerts() -> None:
    """Every few minutes: tell founders of what is new about money, each cause once."""
    alerting.raise_due(timezone.now())
    JobRun.note("raise-alerts")
