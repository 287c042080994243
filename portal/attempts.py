"""One attempt at a row's work, and what becomes of the row when it ends in an unexpected error.

Such an error counts as the row's own failure: else the row would wait for its lease to run out, be
tried for ever, and nobody would see why it never ends.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError

from portal import aws, jobs
from portal.models import Work

logger = logging.getLogger(__name__)

Row = TypeVar("Row", bound=Work)
Result = TypeVar("Result")


def carry_out(  # noqa: PLR0913  # all by keyword
    model: type[Row],
    pk: int,
    work: Callable[[Row], Result],
    *,
    span: timedelta = jobs.LEASE,
    then: Callable[[Row], object] | None = None,
    but: tuple[type[Exception], ...] = (),
    lost: Callable[[Row], Result | None] | None = None,
) -> Result | None:
    """Claim the row for `span` and make an attempt at its work, as `make` does.

    None when it is not due, or in other hands. `lost`: what follows when it changed, or was taken
    over, in the middle of the work; None, unless this says otherwise.
    """
    row = jobs.claim(model, pk, span=span)
    if row is None:
        return None
    try:
        return make(row, work, then=then, but=but)
    except jobs.LeaseLost:
        logger.info("%s %s: the row changed hands meanwhile", model.__name__, pk)
        return lost(row) if lost else None


def make(
    row: Row,
    work: Callable[[Row], Result],
    *,
    then: Callable[[Row], object] | None = None,
    but: tuple[type[Exception], ...] = (),
) -> Result:
    """Do all the work on a row that we hold.

    An error that `work` has no answer to counts: the row is let go with a reason, tried again after
    a growing pause, and quarantined like any other that failed five times. It then goes on to
    whoever called, and so into the log. `then`: what has to follow on the row. `but`: errors that
    the caller knows an answer to. Raises: jobs.LeaseLost.
    """
    try:
        return work(row)
    except jobs.LeaseLost:
        raise
    except but:
        raise
    except Exception as error:
        logger.warning("%s %s: an error nobody expected", type(row).__name__, row.pk)
        with suppress(jobs.LeaseLost, DatabaseError, InterfaceError):
            _count(row, error)
            if then is not None:
                then(row)
        raise


def put_off(row: Work, error: aws.AwsError, *, reason: str) -> float:
    """AWS may do it another time: seconds until the next try. Congestion says nothing about the
    row, whatever else goes wrong on AWS's side counts. Raises: jobs.LeaseLost."""
    return jobs.try_later(
        row,
        code=error.code,
        reason=reason,
        after=error.retry_after,
        counts=not isinstance(error, aws.CONGESTION),
    )


def _count(row: Work, error: Exception) -> None:
    """The kind alone: what an error says may be anything. A database that is away, or busy for too
    long, says nothing about this row."""
    kind = type(error).__name__
    jobs.try_later(
        row,
        code=kind[:100],
        reason=f"An error in the portal itself ({kind}); the log says more.",
        counts=not isinstance(error, (OperationalError, InterfaceError)),
    )
