"""How a message gets onto the queue: over a connection of its own, and before or behind others."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from kombu import Connection

from portal.models import Work

FIRST, SECOND, LAST = 0, 3, 6
"""Celery's priorities, of which Redis serves the lowest first; what beat sends has the first."""


def priority_of(model: type[Work], count: int, *, is_begun: bool) -> int:
    """What has been begun is brought to its end, and a letter leaves as soon as there is reason to:
    both before new work at AWS, of which a single row need not wait for a whole list."""
    if is_begun or not model.needs_aws:
        return FIRST
    return SECOND if count == 1 else LAST


@contextmanager
def connection() -> Iterator[Connection]:
    """With short timeouts, since pages enqueue too and must not wait for a broker that hangs."""
    options: dict[str, Any] = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS}
    options |= {
        "socket_connect_timeout": settings.ENQUEUE_TIMEOUT,
        "socket_timeout": settings.ENQUEUE_TIMEOUT,
        "max_retries": 0,
    }
    with Connection(settings.CELERY_BROKER_URL, transport_options=options) as made:
        yield made
