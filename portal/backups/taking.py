"""Taking a backup: all rows as they are at one moment, while the portal goes on working."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.encoding import is_protected_type

import portal
from portal.backups import archive

LEFT_OUT = {"sessions.Session", "usersessions.UserSession"}
"""After a restore everybody signs in again: a session ended since then must not come back."""
CHUNK = 1000


class NotMigrated(Exception):
    """The tables are not those that this version knows."""


def take(path: Path) -> int:
    """Write the backup, readable by us alone, whole or not at all; how many rows it holds."""
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    try:
        with unfinished.open("wb") as to:
            rows = write(to)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return rows


def write(to: IO[bytes]) -> int:
    """The backup onto a stream; how many rows it holds. Raises: NotMigrated."""
    writer = archive.Writer(to)
    with _snapshot():
        writer.head(_head())
        for model in saved_models(apps):
            _write_table(writer, model)
    writer.end()
    return writer.rows


@contextmanager
def _snapshot() -> Iterator[None]:
    """Every table as of the same moment; nobody who writes has to wait."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("BEGIN")  # Django's own would take the lock for writing
            try:
                yield
            finally:
                cursor.execute("COMMIT")
            return
        with transaction.atomic():
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            take_time()
            yield


def take_time() -> None:
    """Until the end of this transaction: it may wait for whoever takes or brings the file."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SET LOCAL lock_timeout = '60s'")


def _head() -> archive.Head:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotMigrated("The database is not up to date: manage.py migrate")
    applied = sorted([app, name] for app, name in executor.loader.applied_migrations)
    return archive.Head(portal.VERSION, timezone.now().isoformat(), applied)


def saved_models(registry: Any) -> list[type[models.Model]]:
    """Every table of ours and of the packages we use, those between two models included."""
    found = registry.get_models(include_auto_created=True)
    kept = [m for m in found if m._meta.managed and not m._meta.proxy]
    return [model for model in kept if model._meta.label not in LEFT_OUT]


def _write_table(writer: archive.Writer, model: type[models.Model]) -> None:
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    writer.table(archive.Table(model._meta.label_lower, [field.attname for field in fields]))
    for row in model._default_manager.order_by("pk").iterator(chunk_size=CHUNK):
        writer.row([_cell(field, row) for field in fields])


def _cell(field: Any, row: models.Model) -> Any:
    value = field.value_from_object(row)
    return value if is_protected_type(value) else field.value_to_string(row)
