"""What the worker last learned about AWS: that it answers, refuses, or is out of reach.

Only the worker listens (`portal.celery`); pages read what it noted.
"""

import logging
import time

from django.db import DatabaseError

from portal import aws
from portal.models import JobRun

logger = logging.getLogger(__name__)

ANSWERED, REFUSED, UNREACHABLE = "aws", "aws-refused", "aws-unreachable"
EVERY = 10.0
"""Seconds between two notes of one kind, however many calls are made."""

_noted_at: dict[str, float] = {}


def note(error: aws.AwsError | None) -> None:
    """One call to AWS has ended. Never fails: what it notes matters less than the call."""
    name, now = _kind(error), time.monotonic()
    if now - _noted_at.get(name, -EVERY) < EVERY:
        return
    _noted_at[name] = now
    try:
        JobRun.note(name, error=str(error or ""))
    except DatabaseError:
        logger.warning("Could not note %s", name)


def _kind(error: aws.AwsError | None) -> str:
    """A throttled call, a conflict or "not there" are answers like any other."""
    match error:
        case None | aws.AwsThrottled() | aws.AwsConflict() | aws.AwsNotFound():
            return ANSWERED
        case aws.AwsUnavailable():
            return UNREACHABLE
        case _:
            return REFUSED
