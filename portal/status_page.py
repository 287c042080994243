"""What `/status/` says: the parts, what waits, and when each job last ran."""

import shutil
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q

from portal import health, jobs
from portal.models import JobRun, Notice, Workspace

PARTS = {
    "database": ("Database", "Holds everything. Without it no page works."),
    "broker": ("Queue", "Wakes workers. Without it pages work and jobs wait; none is lost."),
    "worker": ("Worker", "Talks to AWS and sends mail. Without it people stay “Being set up”."),
    "beat": ("Scheduler", "Starts what runs by the clock: sweep, spend, checks."),
}


def context(*, now: datetime) -> dict[str, Any]:
    found = health.check()
    workspace = Workspace.load()
    is_paused = bool(workspace.aws_paused_until and workspace.aws_paused_until > now)
    return {
        "health": found,
        "parts": [
            {"name": name, "what": what, "is_ok": found.checks[key] == health.OK}
            for key, (name, what) in PARTS.items()
        ],
        "waiting": [_waiting(model, now) for model in jobs.BELLS],
        "outbox": _outbox(),
        "runs": JobRun.objects.order_by("name"),
        "aws_pause": workspace.aws_pause_reason if is_paused else "",
        "disk_free": shutil.disk_usage(settings.DATA_DIR).free if _has_data_dir() else None,
    }


def _has_data_dir() -> bool:
    return settings.DATA_DIR.is_dir()


def _waiting(model: type[Any], now: datetime) -> dict[str, Any]:
    """How many rows of this kind are due, and since when the oldest is."""
    due = Q(next_try_at__lte=now)
    counts: dict[str, Any] = model._default_manager.aggregate(
        due=Count("pk", filter=due),
        oldest=Min("next_try_at", filter=due),
        quarantined=Count("pk", filter=Q(is_quarantined=True)),
    )
    return {"name": model._meta.verbose_name_plural, **counts}


def _outbox() -> dict[str, Any]:
    return Notice.objects.aggregate(
        sent=Count("pk", filter=Q(sent_at__isnull=False)),
        waiting=Count("pk", filter=Q(next_try_at__isnull=False)),
        refused=Count("pk", filter=Q(failure_code="refused")),
    )
