"""Restoring a backup: the database becomes what the file says, in one transaction or not at all.

A backup of an older version is read into the tables of that version, which then are migrated like
any others. Nobody else may use the database meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.recorder import MigrationRecorder

from portal.backups import archive, taking

BATCH = 500
Node = tuple[str, str]


class TooNew(Exception):
    """The backup comes from a version that this one knows nothing of."""


def restore(path: Path) -> int:
    """Replace everything; how many rows there are now. Raises: Unreadable, TooNew."""
    wanted = {(app, name) for app, name in archive.check(path).migrations}
    if unknown := wanted - set(MigrationExecutor(connection).loader.disk_migrations):
        app, name = min(unknown)
        raise TooNew(f"The backup is of a newer version: {app}.{name} is not known here.")
    with _foreign_keys_off(), transaction.atomic():
        taking.take_time()
        registry = _tables_of(wanted)
        rows = _fill(path, registry)
        _settle(registry)
        _migrate_to(set(MigrationExecutor(connection).loader.graph.leaf_nodes()))
    call_command("migrate", interactive=False, verbosity=0)  # what Django makes after migrations
    return rows


def is_empty() -> bool:
    """Whether there is nothing to lose: no tables, or nobody in them."""
    users = apps.get_model("portal", "User")
    if users._meta.db_table not in connection.introspection.table_names():
        return True
    return not users._default_manager.exists()


@contextmanager
def _foreign_keys_off() -> Iterator[None]:
    """SQLite alters tables only so; what it then does not check is checked at the end."""
    is_off = connection.disable_constraint_checking()
    try:
        yield
    finally:
        if is_off:
            connection.enable_constraint_checking()


# Tables ----------------------------------------------------------------------------------------


def _tables_of(wanted: set[Node]) -> Any:
    """Empty tables of the schema that the backup is in, and the models for them."""
    graph = MigrationExecutor(connection).loader.graph
    if wanted != set(MigrationRecorder(connection).applied_migrations()):
        _drop_ours()
        _migrate_to(_last(wanted, graph))
    _empty_all()
    if set(graph.leaf_nodes()) <= wanted:
        return apps
    return MigrationExecutor(connection).loader.project_state(sorted(_last(wanted, graph))).apps


def _last(nodes: set[Node], graph: MigrationGraph) -> set[Node]:
    """Those of each app that no other of the same app builds upon."""
    below = {
        parent.key
        for node in nodes
        for parent in graph.node_map[node].parents
        if parent.key[0] == node[0]
    }
    return nodes - below


def _drop_ours() -> None:
    """The tables that the portal has here now; somebody else's in the same database stay."""
    cascade = "CASCADE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in _ours(connection.introspection.table_names(cursor)):
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(name)} {cascade}")


def _ours(names: list[str]) -> list[str]:
    """What a newer version made, this one knows by the name of its app alone."""
    loader = MigrationExecutor(connection).loader
    applied, known = set(loader.applied_migrations), set(loader.graph.nodes)
    registry = loader.project_state(sorted(applied & known)).apps
    found = registry.get_models(include_auto_created=True)
    tables = {"django_migrations", *(model._meta.db_table for model in found)}
    newer = tuple(f"{app}_" for app, _name in applied - known)
    return [name for name in names if name in tables or name.startswith(newer)]


def _migrate_to(nodes: set[Node]) -> None:
    """Checked after each step: PostgreSQL alters no table that has something left to check."""

    def check(action: str, *_rest: Any) -> None:
        if action == "apply_success":
            connection.check_constraints()

    executor = MigrationExecutor(connection, progress_callback=check)
    executor.migrate(sorted(nodes))


def _empty_all() -> None:
    """What migrations put into the tables is in the backup as well."""
    tables = set(connection.introspection.django_table_names(only_existing=True))
    for statement in connection.ops.sql_flush(
        no_style(), sorted(tables), reset_sequences=False, allow_cascade=True
    ):
        with connection.cursor() as cursor:
            cursor.execute(statement)


# Rows ------------------------------------------------------------------------------------------


def _fill(path: Path, registry: Any) -> int:
    rows, waiting = 0, _Batch(registry)
    for content in archive.contents(path):
        if isinstance(content, archive.Table):
            waiting.begin(content)
            continue
        waiting.add(content)
        rows += 1
    waiting.save()
    return rows


class _Batch:
    """Rows of one table until there are enough of them to be written."""

    def __init__(self, registry: Any) -> None:
        self._registry, self._model = registry, registry.get_model("portal", "User")
        self._fields: list[Any] = []
        self._rows: list[models.Model] = []

    def begin(self, table: archive.Table) -> None:
        self.save()
        self._model = _model_of(self._registry, table.model)
        by_name = {field.attname: field for field in self._model._meta.concrete_fields}
        self._fields = [by_name[name] for name in table.columns]

    def add(self, values: list[Any]) -> None:
        read = zip(self._fields, values, strict=True)
        self._rows.append(self._model(**{f.attname: f.to_python(value) for f, value in read}))
        if len(self._rows) >= BATCH:
            self.save()

    def save(self) -> None:
        if self._rows:
            self._model._default_manager.bulk_create(self._rows)
            self._rows = []


def _model_of(registry: Any, label: str) -> Any:
    """Those between two models are not found by name."""
    for model in registry.get_models(include_auto_created=True):
        if model._meta.label_lower == label:
            return model
    raise archive.Unreadable(f"The backup has rows of {label}, which its version does not know.")


def _settle(registry: Any) -> None:
    """Numbers go on after the last one, and every reference leads somewhere."""
    saved = taking.saved_models(registry)
    for statement in connection.ops.sequence_reset_sql(no_style(), saved):
        with connection.cursor() as cursor:
            cursor.execute(statement)
    connection.check_constraints()
