"""Named points between two steps at which a fault run ends this process, as a power cut would.

`CRASH_AT` names them with the share of passes that die, `after-call=0.05,before-ack=0.02`; empty,
as it is everywhere but in `tests/faults`, nothing happens. Production refuses it.
"""

import os
import random
import signal
from functools import lru_cache

from django.conf import settings

NAMES = (
    "before-call",
    "after-call",
    "before-commit",
    "before-ack",
    "before-mail",
    "after-mail",
    "before-webhook",
    "after-webhook",
)
"""Before and after a call to AWS (its result is not committed yet), with a row's result written and
not committed, after a task's commit and before its message is acknowledged, before and after a mail
or a message to a webhook leaves (not noted as sent yet)."""


def reached(name: str) -> None:
    share = _shares().get(name, 0.0) if settings.CRASH_AT else 0.0
    if share and random.random() < share:  # noqa: S311  # dice, not secrecy
        os.kill(os.getpid(), signal.SIGKILL)


@lru_cache
def _shares() -> dict[str, float]:
    """Raises: ValueError for a point that does not exist."""
    found = {}
    for part in settings.CRASH_AT.split(","):
        name, _, share = part.partition("=")
        found[NAMES[NAMES.index(name.strip())]] = float(share)
    return found
