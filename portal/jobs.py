"""How a row that waits for work is worked on by one worker at a time, and never forgotten.

The row is the truth, the queue message only a nudge. A worker claims the row with one conditional
UPDATE that also sets a lease, calls AWS outside any transaction, and writes the result only while
the lease is still its own. A lost message, a dead worker or an emptied queue cost time, not work:
`sweep` enqueues again whatever is due.
"""

import logging
import random
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from portal import broker, crash_points, lease_holders
from portal.celery import app
from portal.models import JobRun, Work, Workspace

logger = logging.getLogger(__name__)

Row = TypeVar("Row", bound=Work)

LEASE = timedelta(seconds=45)
"""Longer than the slowest AWS call (two attempts of 3 + 10 s), since it is renewed before each."""

PAUSE = timedelta(seconds=30)
SWEEP_LIMIT = 200
LONGEST_COUNTDOWN = 60.0
BEAT_SILENCE = timedelta(seconds=60)
_swept_by_pages = {"at": datetime.min.replace(tzinfo=UTC)}
MOST_FAILURES = 5
MOST_COUNTED = 1000  # what never counts towards quarantine would outgrow its column
BACKOFF = (2.0, 4.0, 8.0, 16.0, 30.0)
QUARANTINE = (60.0, 120.0, 300.0, 900.0, 3600.0)

TASKS: dict[type[Work], str] = {}
"""Which task works on a model's rows; filled by `register` when the apps are loaded."""


class LeaseLost(Exception):
    """Another worker has taken the row over: stop, and write nothing."""


def register(model: type[Work], task_name: str) -> None:
    TASKS[model] = task_name


# Claiming --------------------------------------------------------------------------------------


def due(now: datetime) -> Q:
    """Rows that somebody may take: due, and in nobody's hands."""
    is_free = Q(leased_until=None) | Q(leased_until__lt=now)
    return Q(next_try_at__lte=now) & is_free


def claim(model: type[Row], pk: int, *, span: timedelta = LEASE) -> Row | None:
    """Take the row for `span`, or None when it is not due or another worker has it."""
    now, lease = timezone.now(), lease_holders.new_lease()
    rows = model._default_manager.filter(due(now), pk=pk)
    if not rows.update(lease=lease, leased_until=now + span):
        return None
    return model._default_manager.filter(pk=pk, lease=lease).first()


def renew(row: Work) -> None:
    """Keep the row for another `LEASE`; call it before each slow step.

    Raises: LeaseLost when the row was taken over or taken away meanwhile.
    """
    write(row, leased_until=timezone.now() + LEASE)


def write(row: Work, *, expect: dict[str, Any] | None = None, **changes: Any) -> None:
    """Write to the row only while the lease is ours and `expect` holds. Raises: LeaseLost."""
    model = type(row)
    ours = model._default_manager.filter(pk=row.pk, lease=row.lease, **(expect or {}))
    if not ours.update(**changes):
        raise LeaseLost(f"{model.__name__} {row.pk}")
    for name, value in changes.items():
        setattr(row, name, value)


_SETTLED: dict[str, Any] = {
    "lease": "",
    "leased_until": None,
    "failures": 0,
    "failure_code": "",
    "last_error": "",
    "is_quarantined": False,
}


def finish(row: Work, *, expect: dict[str, Any] | None = None, **changes: Any) -> None:
    """The work is done: write its result and let go. Raises: LeaseLost."""
    write(row, expect=expect, **{**_SETTLED, "next_try_at": None, **changes})
    crash_points.reached("before-commit")


def give_up(row: Work, *, code: str, reason: str, **changes: Any) -> None:
    """Trying again as it stands will not help: keep the reason and wait for a person."""
    write(
        row,
        **{
            **_SETTLED,
            "next_try_at": None,
            "failure_code": code,
            "last_error": reason,
            **changes,
        },
    )


def try_later(
    row: Work, *, code: str, reason: str, after: float | None = None, counts: bool = True
) -> float:
    """Keep the reason, let go, and set the next try; seconds until then.

    `after`: seconds that the other side asked for; else a growing pause. `counts`: the failure is
    the row's own (not throttling or an outage); the fifth of the same kind in a row quarantines
    it: shown as trouble, and tried after pauses that grow from a minute to an hour; the first are
    short, since AWS may have failed for everybody and be back soon. Pauses of what counts grow
    whatever was asked for, or five seconds of trouble on the other side would be enough.
    """
    failures = min(row.failures + 1, MOST_COUNTED) if row.failure_code == code else 1
    is_quarantined = counts and failures >= MOST_FAILURES
    least = _backoff(failures) if counts or not after else 0.0
    if is_quarantined:
        least = _step(QUARANTINE, failures - MOST_FAILURES)
    pause = max(after or 0.0, least)
    write(
        row,
        lease="",
        leased_until=None,
        failures=failures,
        failure_code=code,
        last_error=reason,
        is_quarantined=is_quarantined,
        next_try_at=timezone.now() + timedelta(seconds=pause),
    )
    return pause


def put_off(row: Work, *, until: datetime) -> None:
    """Nothing failed, it is only not the time: let go until then. Raises: LeaseLost."""
    write(row, lease="", leased_until=None, next_try_at=until)


def _backoff(failures: int) -> float:
    """Seconds to wait, spread by a quarter so that rows do not come back all at once."""
    spread = random.uniform(0.75, 1.25)  # noqa: S311  # not secrecy
    return _step(BACKOFF, failures - 1) * spread


def _step(pauses: tuple[float, ...], step: int) -> float:
    """The last one for whatever comes after."""
    return pauses[min(step, len(pauses) - 1)]


def retry_now(row: Work, **changes: Any) -> None:
    """A person asks for another try: at once, with the count of failures from nought."""
    fresh = {name: _SETTLED[name] for name in ("failures", "is_quarantined")}
    model = type(row)
    model._default_manager.filter(pk=row.pk).update(next_try_at=timezone.now(), **fresh, **changes)
    row.refresh_from_db()


# Pausing ---------------------------------------------------------------------------------------


def pause_all(reason: str) -> None:
    """Our credentials are refused: stop asking AWS for every row and say so once."""
    Workspace.objects.filter(pk=1).update(
        aws_paused_until=timezone.now() + PAUSE, aws_pause_reason=reason
    )


def resume_all() -> None:
    """AWS let us in: whatever the pause was for is mended."""
    Workspace.objects.filter(pk=1).exclude(aws_paused_until=None).update(
        aws_paused_until=None, aws_pause_reason=""
    )


def is_paused() -> bool:
    return Workspace.objects.filter(pk=1, aws_paused_until__gt=timezone.now()).exists()


# Enqueuing ---------------------------------------------------------------------------------------


def enqueue_on_commit(row: Work) -> None:
    """Wake a worker for this row once it is committed. A dead broker costs the wait for a sweep."""
    transaction.on_commit(partial(enqueue, type(row), [row.pk]))


def enqueue(model: type[Work], pks: list[int], *, after: float | None = None) -> int:
    """Put one message for each row on the queue, heard `after` seconds; how many got there.

    What is to be heard in more than a minute is left to the sweep: workers would have to keep it.
    """
    priority, sent = broker.priority_of(model, len(pks), is_begun=after is not None), 0
    if after is not None and after > LONGEST_COUNTDOWN:
        return sent
    try:
        with broker.connection() as connection:
            for pk in pks:
                options: dict[str, Any] = {"countdown": after, "priority": priority}
                app.send_task(TASKS[model], [pk], connection=connection, **options)
                sent += 1
    except (OperationalError, OSError) as error:
        logger.warning("Broker out of reach, %s rows wait for the sweep: %s", len(pks), error)
    return sent


def sweep() -> int:
    """Enqueue whatever is due and in nobody's hands; how many rows that was."""
    now, swept, paused = timezone.now(), 0, is_paused()
    for model in TASKS:
        if paused and model.needs_aws:
            continue
        waiting = model._default_manager.filter(due(now)).order_by("next_try_at")
        pks = list(waiting.values_list("pk", flat=True)[:SWEEP_LIMIT])
        swept += enqueue(model, pks) if pks else 0
    return swept


def sweep_if_overdue() -> None:
    """From founders' pages: do beat's sweep when beat has been silent for a while.

    Writes nothing, since a look at a page must change nothing; each process remembers by itself
    when it last did so.
    """
    limit = timezone.now() - BEAT_SILENCE
    if _swept_by_pages["at"] > limit or _has_swept_since(limit):
        return
    _swept_by_pages["at"] = timezone.now()
    sweep()


def _has_swept_since(limit: datetime) -> bool:
    return JobRun.objects.filter(name="sweep", last_run_at__gt=limit).exists()
