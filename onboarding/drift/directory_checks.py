"""Checking Identity Center against the team: one check at a time, all or nothing.

`ask` makes the row or finds the one under way; `carry_out` does its work. A listing that AWS cut
short changes nothing.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from onboarding.drift import directory_reading, drifts
from onboarding.drift.directory_reading import CannotCheck, Snapshot
from onboarding.models import DirectoryCheck, Member
from portal import attempts, audit, jobs
from portal.aws import AwsDenied, AwsError, AwsUnavailable
from portal.models import JobRun, User, Workspace
from portal.webhooks import publishing
from portal.webhooks.events import Event

# The sweep finds these rows in every process that knows how to work on them.
jobs.register(DirectoryCheck, "onboarding.tasks.reconcile_directory")

JOB = "reconcile_directory"
DOUBLE_CLICK = timedelta(seconds=3)
TWO_BEATS = timedelta(minutes=10)
"""How fresh a check has to be for another one, asked for by nobody, to be needless."""

MOST_FAILURES = 8
"""In a row, of whatever kind: about two minutes of an AWS that does not answer."""


# Asking ----------------------------------------------------------------------------------------


def ask(
    *, now: datetime, by: User | None = None, unless_within: timedelta = TWO_BEATS
) -> DirectoryCheck:
    """The check under way, one that ended a moment ago, or a new one for a worker.

    Askers queue up at the workspace's row, so that of twenty at once one makes the check.
    """
    Workspace.load()
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=1)
        checks = DirectoryCheck.objects.all()
        ended = checks.done().filter(finished_at__gt=now - unless_within)
        if found := checks.under_way().first() or ended.first():
            return found
        made = checks.create(asked_by=by, asked_at=now, next_try_at=now)
        jobs.enqueue_on_commit(made)
        if by is not None:
            audit.record("drift.check_asked", subject=f"check:{made.pk}", actor=by)
        return made


def checked_at() -> datetime | None:
    """When Identity Center was last compared with the team, for every page that says so."""
    return DirectoryCheck.objects.done().values_list("finished_at", flat=True).first()


# Carrying out ----------------------------------------------------------------------------------


def carry_out(pk: int) -> Snapshot | None:
    """Do the check if it is due and free; None when it did not come to its end."""
    return attempts.carry_out(DirectoryCheck, pk, _attempt, then=_end_in_time)


def _attempt(check: DirectoryCheck) -> Snapshot | None:
    """Raises: jobs.LeaseLost."""
    try:
        return _work_on(check)
    except AwsUnavailable as error:
        _put_off(check, error)
    except AwsError as error:
        _fail(check, in_plain_words(error))
    except CannotCheck as reason:
        _fail(check, str(reason))
    return None


def _work_on(check: DirectoryCheck) -> Snapshot:
    jobs.write(check, started_at=timezone.now())
    snapshot = directory_reading.look(keep=lambda: jobs.renew(check))
    with transaction.atomic():
        _close(
            check,
            DirectoryCheck.Outcome.DONE,
            users=len(snapshot.listing.users),
            seats=sum(map(len, snapshot.listing.seats.values())),
        )
        counts = drifts.store(snapshot)
        _tell(check, counts)
        audit.record("drift.checked", subject=f"check:{check.pk}", detail=counts)
    JobRun.note(JOB)
    jobs.resume_all()
    _go_on_with_what_we_began()
    return snapshot


def _tell(check: DirectoryCheck, counts: dict[str, int]) -> None:
    """Of new differences alone: the old ones were told when they were new."""
    if new := counts["new"]:
        publishing.publish(
            Event.DRIFT_FOUND,
            key=f"{Event.DRIFT_FOUND}:{check.pk}",
            text=f"Identity Center and the team differ in {new} new way{'' if new == 1 else 's'}.",
            path=reverse("onboarding:drift"),
            data=dict(counts),
        )


def _go_on_with_what_we_began() -> None:
    """Members left half set up, however that came about, are worked on now."""
    lost = Member.objects.filter(status=Member.Status.QUEUED, next_try_at=None, leased_until=None)
    lost.update(next_try_at=timezone.now())
    jobs.sweep()


def _put_off(check: DirectoryCheck, error: AwsUnavailable) -> None:
    """Try again by itself, a few times; what was read so far is forgotten."""
    if check.failures + 1 >= MOST_FAILURES:
        _fail(check, in_plain_words(error))
        return
    jobs.write(check, failure_code=error.code)  # so that every kind of outage counts as one
    reason = in_plain_words(error)
    jobs.try_later(check, code=error.code, reason=reason, after=error.retry_after, counts=False)


def _end_in_time(check: DirectoryCheck) -> None:
    """Nobody can ask for another while this one is tried again."""
    if check.is_quarantined:
        _fail(check, check.last_error)


def _fail(check: DirectoryCheck, reason: str) -> None:
    _close(check, DirectoryCheck.Outcome.FAILED, reason=reason)
    JobRun.note(JOB, error=reason)


def _close(check: DirectoryCheck, outcome: DirectoryCheck.Outcome, **changes: Any) -> None:
    jobs.finish(check, outcome=outcome, finished_at=timezone.now(), **changes)


def in_plain_words(error: AwsError) -> str:
    if isinstance(error, AwsDenied):
        return f"AWS does not let the portal in ({error.operation}): {error.message}"
    if isinstance(error, AwsUnavailable):
        return f"AWS did not answer {error.operation}: {error.message}"
    return f"AWS refused {error.operation}: {error.message}"
