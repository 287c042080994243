"""One log line: JSON for machines or words for people; nothing secret in either.

Every line bears the id of the request or job that it belongs to (`portal.logs.trace`).
"""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from portal.logs import trace
from portal.logs.masking import mask

FIELDS = ("method", "path", "status", "ms", "operation", "aws_request_id", "task")
"""What a caller may add with `extra`; whatever else libraries add is left out."""


class Words(logging.Formatter):
    """`2026-11-22 14:05:09,120 INFO portal.requests: GET /team/ 200 [3f9c2a…]`."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's
        """What is said stays on its line, so that nobody can write lines of their own."""
        record.message = record.message.replace("\r", "\\r").replace("\n", "\\n")
        here = trace.current()
        line = super().formatMessage(record)
        return f"{line} [{here.id}]" if here else line

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


class Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": mask(record.getMessage()),
            **_of_trace(),
            **{name: _masked(value) for name in FIELDS if (value := vars(record).get(name, ""))},
        }
        if record.exc_info:
            said["exception"] = mask(self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=False, default=str)


def _of_trace() -> dict[str, Any]:
    here = trace.current()
    if here is None:
        return {}
    return {"request_id": here.id, "origin": here.origin, "user": here.user_id()}


def _masked(value: object) -> object:
    return mask(value) if isinstance(value, str) else value


def take_over_gunicorn() -> None:
    """Its own handlers speak our lines: an access log, when on, keeps no link either."""
    for name in ("gunicorn.error", "gunicorn.access"):
        for handler in logging.getLogger(name).handlers:
            handler.setFormatter(formatter())


def formatter() -> logging.Formatter:
    return Json() if settings.LOG_FORMAT == "json" else Words()
