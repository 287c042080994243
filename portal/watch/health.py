"""Whether the parts are alive, told by what each of them last left behind."""

import logging
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone
from kombu import Connection
from kombu.exceptions import OperationalError

from portal.models import JobRun
from portal.watch import vital_signs

logger = logging.getLogger(__name__)

OK, DOWN = "ok", "down"


@dataclass(frozen=True, slots=True)
class Health:
    checks: dict[str, str]

    @property
    def status(self) -> str:
        """`down` without the database; `degraded` when pages work but jobs may wait."""
        if self.checks["database"] != OK:
            return DOWN
        return OK if set(self.checks.values()) == {OK} else "degraded"


def check() -> Health:
    database = _database()
    signs = _signs_of_life() if database == OK else {}
    return Health(
        {
            "database": database,
            "broker": _broker(),
            "worker": _alive(signs.get("worker")),
            "beat": _alive(signs.get("beat")),
        }
    )


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        logger.warning("Database out of reach: %s", error)
        return DOWN
    return OK


def _broker() -> str:
    patience = settings.REDIS_TIMEOUT
    options = {"socket_connect_timeout": patience, "socket_timeout": patience, "max_retries": 0}
    try:
        with Connection(settings.CELERY_BROKER_URL, transport_options=options) as broker:
            broker.default_channel.client.ping()  # type: ignore[attr-defined]  # redis-py's
    except (OperationalError, OSError) as error:
        logger.warning("Broker out of reach: %s", error)
        return DOWN
    return OK


def _signs_of_life() -> dict[str, Any]:
    runs = JobRun.objects.filter(name__in=["worker", "beat"])
    return dict(runs.values_list("name", "last_run_at"))


def _alive(last_sign: Any) -> str:
    return OK if vital_signs.is_fresh(last_sign, timezone.now()) else DOWN
