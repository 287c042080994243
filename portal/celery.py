"""The Celery application. Messages are bells: the rows that wait for work are in the database."""

import os
import time
from typing import Any

from celery import Celery
from celery.signals import beat_init, before_task_publish, heartbeat_sent, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

HEARTBEAT_EVERY = 10.0
_noted_at = {"worker": -HEARTBEAT_EVERY}


def _note(name: str) -> None:
    from portal.models import JobRun  # noqa: PLC0415  # there only once Django is set up

    JobRun.note(name)


@worker_ready.connect
@heartbeat_sent.connect
def note_worker(**_signal: Any) -> None:
    """The worker is alive, however long its queue: noted by its own loop, not by a task."""
    if time.monotonic() - _noted_at["worker"] >= HEARTBEAT_EVERY:
        _noted_at["worker"] = time.monotonic()
        _note("worker")


@beat_init.connect
@before_task_publish.connect(sender="portal.tasks.heartbeat")
def note_beat(**_signal: Any) -> None:
    """Only beat sends this task, so sending it is beat's sign of life, broker or no broker."""
    _note("beat")
