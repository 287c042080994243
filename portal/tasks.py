"""The frame's tasks: the sweep, the outbox, the heartbeat."""

from celery import shared_task
from django.utils import timezone

from portal import jobs, lease_holders, retention
from portal.mailing import notices
from portal.models import JobRun
from portal.sign_in import sessions
from portal.watch import clockwork
from portal.webhooks import deliveries, watching


@shared_task
def sweep() -> None:
    """Every few seconds: enqueue again rows that are due and in nobody's hands."""
    take_over()
    jobs.sweep()
    JobRun.note("sweep")


@shared_task
def take_over() -> None:
    """When a worker starts: what the one before it held is gone on with."""
    for model, keys in lease_holders.let_go_of_the_dead(jobs.TASKS).items():
        jobs.enqueue(model, keys, after=0)


@shared_task
def send_notice(pk: int) -> None:
    notices.send(pk)


@shared_task
def deliver(pk: int) -> None:
    deliveries.deliver(pk)


@shared_task
def watch_jobs() -> None:
    """Every few minutes: tell webhooks of jobs that fail, and forget what was told long ago."""
    now = timezone.now()
    failed = {job.key: job.label for job in clockwork.jobs(now=now) if job.is_failed}
    watching.tell_of_failing(failed, now=now)
    deliveries.forget_old(now=now)
    JobRun.note("watch_jobs")


@shared_task
def heartbeat() -> None:
    """Beat's message went through the broker and a worker took it: all three are alive."""
    JobRun.note("heartbeat")


@shared_task
def purge_activity() -> None:
    """Every night: events that are older than the company wants to keep."""
    retention.purge(now=timezone.now())
    JobRun.note("purge_activity")


@shared_task
def purge_sessions() -> None:
    """Every night: sessions that ended."""
    sessions.forget_ended(now=timezone.now())
    JobRun.note("purge_sessions")
