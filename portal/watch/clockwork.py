"""What runs by the clock: when each job last ran, how that ended, and when it runs next.

The schedule is in the settings. A job notes its runs (`JobRun`) under its task's name; spend and
credits keep a record of their own, which says more. The roof: knows both apps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import schedules
from django.conf import settings

from billing.models import CreditReading, Refresh
from billing.spending import schedule
from billing.usage import report_sync
from portal.models import JobRun

LABELS = {
    "sweep": "Enqueue again what waits",
    "beat-heartbeat": "Sign of life through the queue",
    "assess-trouble": "See who got stuck",
    "reconcile-directory": "Compare Identity Center with the team",
    "preflight": "Check the set-up",
    "read-access": "Read who has which account",
    "read-sign-ins": "Read sign-ins from CloudTrail",
    "send-reminders": "Reminders and the weekly digest",
    "read-credits": "Read what is left of the credits",
    "raise-alerts": "Alerts about money",
    "refresh-spend": "Refresh the spend",
    "ingest-usage": "Read activity reports",
    "watch-jobs": "Tell webhooks what is down",
    "purge-activity": "Forget old audit events",
    "purge-sessions": "Forget sign-ins that ended",
    "purge-usage": "Forget old usage",
}
"""In words for founders; a job without a line here goes by its name."""

RARER = {"ingest-usage": report_sync.EVERY.total_seconds()}
"""Jobs that look often whether they are due, and mostly are not."""


@dataclass(frozen=True, slots=True)
class Job:
    """`failure`: why the last run did not bring what it should; empty when it did."""

    key: str
    label: str
    last_at: datetime | None
    next_at: datetime | None
    failure: str = ""

    @property
    def is_failed(self) -> bool:
        return bool(self.failure)


def jobs(*, now: datetime) -> list[Job]:
    """Every entry of the schedule, by label."""
    runs = JobRun.objects.in_bulk()
    found = [_job(key, entry, runs, now) for key, entry in settings.CELERY_BEAT_SCHEDULE.items()]
    return sorted(found, key=lambda job: job.label)


def _job(key: str, entry: dict[str, Any], runs: dict[str, JobRun], now: datetime) -> Job:
    label = LABELS.get(key, key.replace("-", " ").capitalize())
    run = runs.get(JobRun.name_of(entry["task"]))
    last_at, failure = (run.last_run_at, run.last_error) if run else (None, "")
    if key == "refresh-spend":
        return _spend(key, label, failure, now)
    if key == "read-credits":
        return _credits(key, label, failure)
    next_at = _next(RARER.get(key, entry["schedule"]), last_at, now)
    return Job(key, label, last_at, next_at, failure)


def _next(when: Any, last_at: datetime | None, now: datetime) -> datetime | None:
    """By the schedule; a moment that is past means: as soon as the scheduler runs."""
    if isinstance(when, schedules.BaseSchedule):  # a crontab
        remaining: timedelta = when.remaining_estimate(now)
        return now + remaining
    return last_at + timedelta(seconds=when) if last_at else None


def _spend(key: str, label: str, failure: str, now: datetime) -> Job:
    """`failure`: of the job that looks whether it is time."""
    last = Refresh.objects.exclude(outcome=Refresh.Outcome.UNDER_WAY).first()
    if last is not None and not last.is_done:
        failure = failure or last.reason or last.get_outcome_display()
    return Job(key, label, last.finished_at if last else None, schedule.after(now), failure)


def _credits(key: str, label: str, failure: str) -> Job:
    """`failure`: of the job that looks whether it is time."""
    reading = CreditReading.current()
    is_fine = reading.outcome in {CreditReading.Outcome.DONE, CreditReading.Outcome.NEVER}
    return Job(
        key,
        label,
        reading.tried_at or reading.read_at,
        reading.next_try_at,
        failure or ("" if is_fine else reading.reason or reading.get_outcome_display()),
    )


def seconds_since_refresh(*, now: datetime) -> Iterator[float]:
    """How old the figures of spend are; nothing before the first refresh."""
    done = Refresh.objects.done().order_by("-finished_at").values_list("finished_at", flat=True)
    for finished_at in done[:1]:
        if finished_at is not None:
            yield (now - finished_at).total_seconds()
