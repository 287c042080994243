"""Asking AWS on a founder's behalf, in the background: look, connect, preflight.

`ask` makes the row or finds the one under way; `carry_out` does its work. Pages show the last row.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from onboarding.models import SetupRun
from onboarding.setup import connecting, discovery, preflight
from onboarding.setup.connection import CannotConnect
from onboarding.setup.verdicts import Finding
from portal import attempts, audit, jobs
from portal.aws import AwsError, AwsUnavailable
from portal.models import JobRun, User, Workspace

jobs.register(SetupRun, "onboarding.tasks.carry_out_setup")

Kind = SetupRun.Kind
KEPT = timedelta(days=30)
MOST_FAILURES = 3


def ask(kind: SetupRun.Kind, *, by: User | None = None, **asked: Any) -> SetupRun:
    """The run of this kind that is under way, or a new one for a worker.

    Askers queue up at the workspace's row, so that of twenty at once one makes the run.
    """
    Workspace.load()
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=1)
        if under_way := SetupRun.objects.under_way().filter(kind=kind).first():
            return under_way
        made = SetupRun.objects.create(
            kind=kind, asked=asked, asked_by=by, next_try_at=timezone.now()
        )
        jobs.enqueue_on_commit(made)
        if by is not None:
            audit.record(f"setup.{kind}_asked", subject=f"setup:{made.pk}", actor=by)
        return made


def first_preflight(_now: datetime) -> SetupRun:
    """One of `first_looks`."""
    return ask(Kind.PREFLIGHT)


def latest(kind: SetupRun.Kind) -> SetupRun | None:
    """The newest, under way or not."""
    return SetupRun.objects.filter(kind=kind).first()


def latest_done(kind: SetupRun.Kind) -> SetupRun | None:
    return SetupRun.objects.done().filter(kind=kind).first()


def findings() -> tuple[list[Finding], SetupRun | None]:
    """What the last preflight found, and that preflight."""
    run = latest_done(Kind.PREFLIGHT)
    found = run.found.get("findings", []) if run else []
    return [Finding.from_json(each) for each in found], run


# Carrying out ----------------------------------------------------------------------------------


def carry_out(pk: int) -> float | None:
    """Do the work if it is due and free; seconds until the next try when there is to be one."""
    return attempts.carry_out(SetupRun, pk, _attempt, then=_end_in_time)


def _attempt(run: SetupRun) -> float | None:
    """Raises: jobs.LeaseLost."""
    try:
        found = _WORK[Kind(run.kind)](run)
    except AwsUnavailable as error:
        if run.failures + 1 < MOST_FAILURES:
            return _put_off(run, error)
        _close(run, SetupRun.Outcome.FAILED, reason=discovery.in_plain_words(error))
    except AwsError as error:
        _close(run, SetupRun.Outcome.FAILED, reason=discovery.in_plain_words(error))
    except CannotConnect as reason:
        _close(run, SetupRun.Outcome.FAILED, reason=str(reason))
    else:
        _close(run, SetupRun.Outcome.DONE, found=found)
    return None


def _put_off(run: SetupRun, error: AwsUnavailable) -> float:
    jobs.write(run, failure_code=error.code)  # so that every kind of outage counts as one
    after = error.retry_after
    return jobs.try_later(run, code=error.code, reason=error.message, after=after, counts=False)


def _end_in_time(run: SetupRun) -> None:
    """Nobody can ask for another while this one is tried again."""
    if run.is_quarantined:
        _close(run, SetupRun.Outcome.FAILED, reason=run.last_error)


def _close(run: SetupRun, outcome: SetupRun.Outcome, **changes: Any) -> None:
    jobs.finish(run, outcome=outcome, finished_at=timezone.now(), **changes)
    if outcome == SetupRun.Outcome.DONE and run.kind != Kind.PREFLIGHT:
        jobs.resume_all()
    _forget_old(run)


def _forget_old(run: SetupRun) -> None:
    """Only the last of each kind is ever shown."""
    old = SetupRun.objects.filter(kind=run.kind, pk__lt=run.pk, asked_at__lt=run.asked_at - KEPT)
    old.exclude(outcome=SetupRun.Outcome.UNDER_WAY).delete()


def _look(run: SetupRun) -> dict[str, Any]:
    return discovery.discover(run.asked.get("regions", []), keep=lambda: jobs.renew(run))


def _connect(run: SetupRun) -> dict[str, Any]:
    made = connecting.connect(run.asked, actor=run.asked_by)
    return {
        "groups": [
            {"plan": group.plan.name, "name": group.name, "is_new": group.is_new}
            for group in made.groups
        ]
    }


def _preflight(run: SetupRun) -> dict[str, Any]:
    found = []
    for finding in preflight.run():
        jobs.renew(run)
        found.append(finding.as_json())
    JobRun.note("preflight_daily")
    return {"findings": found}


def keep_preflight(found: list[Finding]) -> None:
    """From the shell: what the pages show from now on."""
    SetupRun.objects.create(
        kind=Kind.PREFLIGHT,
        outcome=SetupRun.Outcome.DONE,
        finished_at=timezone.now(),
        found={"findings": [finding.as_json() for finding in found]},
    )


_WORK: dict[SetupRun.Kind, Callable[[SetupRun], dict[str, Any]]] = {
    Kind.LOOK: _look,
    Kind.CONNECT: _connect,
    Kind.PREFLIGHT: _preflight,
}
