"""What is read as soon as AWS is connected, so that nobody waits for the clock.

Browser, shell and the sample company ask here. What is not onboarding's own registers itself, since
onboarding must not know it. Each look is a row for a worker; asked for twice, it is the same row.
"""

from collections.abc import Callable
from datetime import datetime

from onboarding.drift import directory_checks
from onboarding.permission_sets import readings
from onboarding.steps import sign_in_reading

Look = Callable[[datetime], object]
_OTHERS: list[Look] = []


def register(look: Look) -> None:
    """Twice the same look is one."""
    if look not in _OTHERS:
        _OTHERS.append(look)


def ask(*, now: datetime) -> None:
    directory_checks.ask(now=now, unless_within=directory_checks.DOUBLE_CLICK)
    readings.ask(now=now)
    sign_in_reading.ask()
    for look in _OTHERS:
        look(now)
