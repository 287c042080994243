"""The frame's tasks: the sweep, the outbox, the heartbeat."""

from celery import shared_task

from portal import jobs, notices
from portal.models import JobRun


@shared_task
def sweep() -> None:
    """Every few seconds: ring again for rows that are due and in nobody's hands."""
    jobs.sweep()
    JobRun.note("sweep")


@shared_task
def send_notice(pk: int) -> None:
    notices.send(pk)


@shared_task
def heartbeat() -> None:
    """Beat's message went through the broker and a worker took it: all three are alive."""
    JobRun.note("heartbeat")
