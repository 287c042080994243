"""Reading access from AWS: one reading at a time, all or nothing, hourly and on demand.

`ask` makes the row or finds the one under way; `carry_out` does its work.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from onboarding.models import AccessReading
from onboarding.permission_sets import snapshot, storing, switch
from onboarding.permission_sets.snapshot import NotConnected, NotOffered
from onboarding.setup.discovery import in_plain_words
from portal import attempts, audit, jobs, permissions
from portal.aws import AwsDenied, AwsError, AwsUnavailable
from portal.models import JobRun, User, Workspace

# The sweep finds these rows in every process that knows how to work on them.
jobs.register(AccessReading, "onboarding.tasks.read_access")

Outcome = AccessReading.Outcome
JOB = "read_access"
MOST_FAILURES = 8
KEPT = timedelta(days=7)


def ask(*, now: datetime, by: User | None = None) -> AccessReading | None:
    """The reading under way, or a new one for a worker; None when there is nothing to read.

    Askers queue up at the workspace's row, so that of twenty at once one makes the reading.
    """
    if not switch.may_read():
        return None
    Workspace.load()
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update().get(pk=1)
        if not workspace.is_connected:
            return None
        if found := AccessReading.objects.under_way().first():
            return found
        made = AccessReading.objects.create(
            instance_arn=workspace.instance_arn, asked_by=by, asked_at=now, next_try_at=now
        )
        jobs.enqueue_on_commit(made)
        if by is not None:
            audit.record("access.reading_asked", subject=f"reading:{made.pk}", actor=by)
        return made


# Carrying out ----------------------------------------------------------------------------------


def carry_out(pk: int) -> float | None:
    """Do the reading if it is due and free; seconds until the next try, else None."""
    return attempts.carry_out(AccessReading, pk, _attempt, then=_end_in_time)


def _attempt(reading: AccessReading) -> float | None:
    """Raises: jobs.LeaseLost."""
    try:
        _read(reading)
    except AwsUnavailable as error:
        return _put_off(reading, error)
    except AwsDenied as error:
        _fail(reading, error, missing=permissions.missing(error))
    except AwsError as error:
        _fail(reading, error)
    except (NotOffered, NotConnected) as reason:
        _close(reading, Outcome.NOT_OFFERED, reason=str(reason))
        JobRun.note(JOB)
    return None


def _read(reading: AccessReading) -> None:
    started_at, workspace = timezone.now(), Workspace.load()
    jobs.write(reading, started_at=started_at, instance_arn=workspace.instance_arn)
    seen = snapshot.take(workspace, keep=lambda: jobs.renew(reading))
    with transaction.atomic():
        _close(reading, Outcome.DONE)
        if changes := storing.store(seen, started_at=started_at):
            audit.record(
                "access.changed_at_aws",
                subject=f"reading:{reading.pk}",
                detail={"added": changes.added[:50], "removed": changes.removed[:50]},
            )
    JobRun.note(JOB)
    ended = AccessReading.objects.ended().filter(asked_at__lt=started_at - KEPT)
    ended.exclude(pk=reading.pk).delete()


def _put_off(reading: AccessReading, error: AwsUnavailable) -> float | None:
    """Try again by itself, a few times; what was read so far is forgotten."""
    if reading.failures + 1 >= MOST_FAILURES:
        _fail(reading, error)
        return None
    jobs.write(reading, failure_code=error.code)  # so that every kind of outage counts as one
    return jobs.try_later(
        reading,
        code=error.code,
        reason=in_plain_words(error),
        after=error.retry_after,
        counts=False,
    )


def _end_in_time(reading: AccessReading) -> None:
    """Nobody can ask for another while this one is tried again."""
    if reading.is_quarantined:
        _close(reading, Outcome.FAILED, reason=reading.last_error)
        JobRun.note(JOB, error=reading.reason)


def _fail(reading: AccessReading, error: AwsError, *, missing: str = "") -> None:
    reason = f"The portal may not ask: {error.message}" if missing else in_plain_words(error)
    _close(reading, Outcome.FAILED, reason=reason, missing=missing)
    JobRun.note(JOB, error=reason)


def _close(reading: AccessReading, outcome: AccessReading.Outcome, **changes: Any) -> None:
    jobs.finish(reading, outcome=outcome, finished_at=timezone.now(), **changes)
