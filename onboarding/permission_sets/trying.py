"""One attempt at AWS for a row that somebody asked for: what an answer means for the row."""

from collections.abc import Callable
from typing import TypeVar

from onboarding.models.access import Wish
from onboarding.permission_sets.snapshot import NotConnected
from portal import attempts, aws, jobs, permissions

Row = TypeVar("Row", bound=Wish)


class Stop(Exception):
    """Trying again as it stands will not help; the message says why."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def carry_out(model: type[Row], pk: int, work: Callable[[Row], float | None]) -> float | None:
    """Work on the row if it is due and free; seconds until the next try, else None."""
    if jobs.is_paused():
        return None
    return attempts.carry_out(model, pk, lambda row: _attempt(row, work))


def _attempt(row: Row, work: Callable[[Row], float | None]) -> float | None:
    """Raises: jobs.LeaseLost."""
    try:
        return work(row)
    except (aws.AwsUnavailable, aws.AwsConflict) as error:  # a write of a moment ago still spreads
        return attempts.put_off(row, error, reason=f"{error.operation}: {error.message}")
    except aws.AwsDenied as error:
        return _denied(row, error)
    except aws.AwsError as error:
        jobs.give_up(row, code=error.code, reason=f"AWS refused: {error.message}")
    except Stop as stop:
        jobs.give_up(row, code=stop.code, reason=stop.reason)
    except NotConnected as reason:
        jobs.give_up(row, code="not-connected", reason=str(reason))
    return None


def _denied(row: Row, error: aws.AwsDenied) -> float | None:
    """A permission missing for this alone stops nothing else; credentials that are bad do."""
    if missing := permissions.missing(error):
        jobs.give_up(row, code=error.code, reason=permissions.how_to_add(missing))
        return None
    jobs.pause_all(f"{error.operation}: {error.message}")
    jobs.try_later(row, code=error.code, reason=error.message, counts=False)
    return None
