"""The Celery application. Messages only nudge: the rows that wait for work are in the database."""

import os
import time
from contextlib import ExitStack
from typing import Any

from celery import Celery, Task
from celery.signals import (
    after_task_publish,
    beat_init,
    before_task_publish,
    heartbeat_sent,
    setup_logging,
    task_failure,
    task_postrun,
    task_prerun,
    worker_init,
    worker_ready,
)

from portal.logs import trace

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

HEARTBEAT_EVERY = 10.0
_noted_at = {"worker": -HEARTBEAT_EVERY}


def _note(name: str) -> None:
    from django.db import close_old_connections  # noqa: PLC0415  # there only once Django is set up

    from portal.models import JobRun  # noqa: PLC0415  # the same

    close_old_connections()  # no task's end looks after this one: the database may have restarted
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


@after_task_publish.connect(sender="portal.tasks.heartbeat")
def note_broker(**_signal: Any) -> None:
    """The queue took beat's message."""
    _note("broker")


@worker_ready.connect
def take_over(**_signal: Any) -> None:
    """What the worker before this one held need not wait for beat."""
    app.send_task("portal.tasks.take_over")


@worker_init.connect
def note_aws(**_signal: Any) -> None:
    """How AWS answers is noted where it is asked all the time: in the worker."""
    from portal import aws  # noqa: PLC0415  # there only once Django is set up
    from portal.watch import aws_contact  # noqa: PLC0415  # there only once Django is set up

    aws.listen(aws_contact.note)


@task_failure.connect
def note_failure(sender: Any, exception: BaseException, **_signal: Any) -> None:
    """A job that ended in an error nobody expected: the log has all of it, the page the gist."""
    from portal.models import JobRun  # noqa: PLC0415  # there only once Django is set up

    if any(entry["task"] == sender.name for entry in app.conf.beat_schedule.values()):
        JobRun.note(JobRun.name_of(sender.name), error=f"{type(exception).__name__}: {exception}")


# Log lines -------------------------------------------------------------------------------------

_HEADER = "trace_id"
_open: dict[str, ExitStack] = {}


@setup_logging.connect
def keep_our_logging(**_signal: Any) -> None:
    """The settings' own; Celery would add lines of another form."""


@before_task_publish.connect
def pass_trace_on(headers: dict[str, Any], **_signal: Any) -> None:
    """A job goes on under the id of the request or job that asked for it."""
    if here := trace.current():
        headers[_HEADER] = here.id


@task_prerun.connect
def begin_trace(task_id: str, task: Task[Any, Any], **_signal: Any) -> None:
    """Beat's jobs come without an id and get one of their own."""
    given = task.request.get(_HEADER) or trace.new_id()
    _open[task_id] = ExitStack()
    _open[task_id].enter_context(trace.active(trace.Trace(given, task.name)))


@task_postrun.connect
def reach_crash_point(**_signal: Any) -> None:
    """All that a task does is committed; its message is not acknowledged yet."""
    from portal import crash_points  # noqa: PLC0415  # there only once Django is set up

    crash_points.reached("before-ack")


@task_postrun.connect
def end_trace(task_id: str, **_signal: Any) -> None:
    if task_id in _open:
        _open.pop(task_id).close()
