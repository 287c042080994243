"""What `/status/` says: the parts, AWS, mail, what waits, what runs by the clock, the machine.

The roof: knows both apps, through `clockwork`.
"""

import shutil
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min, Q

import portal
from portal import jobs
from portal.models import JobRun, Notice
from portal.watch import aws_contact, clockwork, health, vital_signs

PARTS = {
    "database": ("Database", "Holds everything. Without it no page works."),
    "broker": ("Queue", "Wakes workers. Without it pages work and jobs wait; none is lost."),
    "worker": ("Worker", "Talks to AWS and sends mail. Without it people stay “Being set up”."),
    "beat": ("Scheduler", "Starts what runs by the clock: sweep, spend, checks."),
}
LITTLE_DISK = 1024**3


def context(*, now: datetime) -> dict[str, Any]:
    found, runs = health.check(), JobRun.objects.in_bulk()
    company, post, rows = vital_signs.company(), outbox(), waiting(now)
    aws = _aws(company, runs, now)
    troubles = [check for check in found.checks.values() if check != health.OK]
    return {
        "health": found,
        "is_well": not (troubles or aws["is_down"] or post["is_stuck"]),
        "parts": [_part(key, found, runs) for key in PARTS],
        "aws": aws,
        "waiting": rows,
        "is_any_waiting": any(kind["due"] or kind["quarantined"] for kind in rows),
        "outbox": post,
        "clock": clockwork.jobs(now=now),
        "machine": _machine(),
    }


def _part(key: str, found: health.Health, runs: dict[str, JobRun]) -> dict[str, Any]:
    """`seen_at`: the last sign of life of a part that gives some."""
    name, what = PARTS[key]
    run = runs.get(key)
    return {
        "key": key,
        "name": name,
        "what": what,
        "is_ok": found.checks[key] == health.OK,
        "seen_at": run.last_run_at if run else None,
    }


def _aws(company: Any, runs: dict[str, JobRun], now: datetime) -> dict[str, Any]:
    is_refusing = vital_signs.is_aws_refusing(company, now)
    is_unreachable = vital_signs.is_aws_unreachable(company, now)
    return {
        "is_down": is_refusing or is_unreachable,
        "pause": company.aws_pause_reason if is_refusing else "",
        "is_unreachable": is_unreachable,
        "answered": runs.get(aws_contact.ANSWERED),
        "refused": runs.get(aws_contact.REFUSED),
        "missed": runs.get(aws_contact.UNREACHABLE),
    }


def waiting(now: datetime) -> list[dict[str, Any]]:
    """For each kind of work: how many rows are due, since when the oldest is."""
    return [_waiting(model, now) for model in jobs.TASKS]


def _waiting(model: type[Any], now: datetime) -> dict[str, Any]:
    due = Q(next_try_at__lte=now)
    counts: dict[str, Any] = model._default_manager.aggregate(
        due=Count("pk", filter=due),
        oldest=Min("next_try_at", filter=due),
        quarantined=Count("pk", filter=Q(is_quarantined=True)),
    )
    return {"name": model.called, "label": model._meta.model_name, **counts}


def outbox() -> dict[str, Any]:
    is_waiting = Q(next_try_at__isnull=False)
    counts: dict[str, Any] = Notice.objects.aggregate(
        sent=Count("pk", filter=Q(sent_at__isnull=False)),
        waiting=Count("pk", filter=is_waiting),
        refused=Count("pk", filter=Q(failure_code="refused")),
    )
    stuck = Notice.objects.filter(is_waiting, failures__gte=vital_signs.TRIES_OF_MAIL)
    error = stuck.values_list("last_error", flat=True).first()
    return {**counts, "is_stuck": error is not None, "error": error or ""}


def _machine() -> dict[str, Any]:
    folder = settings.DATA_DIR if settings.DATA_DIR.is_dir() else settings.BASE_DIR
    free = shutil.disk_usage(folder).free
    return {
        "version": portal.VERSION,
        "database": connection.vendor,
        "disk_free": free,
        "is_disk_low": free < LITTLE_DISK,
        "migrations": _pending_migrations(),
    }


def _pending_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
