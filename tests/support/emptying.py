"""Tables are emptied row by row.

TRUNCATE makes new files for each of seventy tables and their indices, which takes PostgreSQL longer than
all that a test does; and nobody here needs Django's permissions made anew after each of them.
"""

from django.core.management.commands import flush
from django.db.backends.postgresql.operations import DatabaseOperations


def by_rows():
    """For this process, from now on. Foreign keys are checked at the commit, so any order will do."""
    DatabaseOperations.sql_flush = _deletions
    flush.emit_post_migrate_signal = lambda *_given, **_more: None


def _deletions(operations, _style, tables, **_more):
    quoted = map(operations.quote_name, tables)
    return [" ".join(f"DELETE FROM {table};" for table in quoted)]  # noqa: S608  # our tables' names
