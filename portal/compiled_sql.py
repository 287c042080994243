"""Queries whose SQL is compiled once: that takes Django longer than the database takes to answer.

`@compiled_sql.once` goes above a function that makes a queryset; its SQL is kept for each set of
arguments.
"""

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVarTuple

from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

Asked = TypeVarTuple("Asked")


class Compiled(NamedTuple):
    query: Any
    model: Any
    sql: str
    values: tuple[Any, ...] | None
    """None where they are written into the SQL."""
    columns: list[Any]


def _compile(found: QuerySet[Any, Any]) -> Compiled:
    compiler = _compiler(found.query)
    sql, values = compiler.as_sql()
    columns = [each[0] for each in compiler.select]
    if connection.vendor == "postgresql":
        return Compiled(found.query, found.model, _written_out(sql, values), None, columns)
    return Compiled(found.query, found.model, sql, values, columns)


def _written_out(sql: str, values: Any) -> str:
    """With its values: a plan that is kept for any of them uses no index of some rows alone."""
    connection.ensure_connection()
    operations: Any = connection.ops
    return str(operations.compose_sql(sql, values))


def _compiler(query: Any) -> SQLCompiler:
    made: SQLCompiler = query.get_compiler(connection=connection)
    return made


class once(Generic[*Asked]):  # noqa: N801  # a decorator
    def __init__(self, make: Callable[[*Asked], QuerySet[Any, Any]]) -> None:
        @lru_cache
        def compiled(asked: Any) -> Compiled:
            return _compile(make(*asked))

        self._compiled: Callable[[Hashable], Compiled] = compiled

    def rows(self, *asked: *Asked) -> list[tuple[Any, ...]]:
        """Of a queryset of values: the same, as tuples."""
        made = self._compiled(asked)
        with connection.cursor() as cursor:
            cursor.execute(made.sql, made.values)
            found: Any = cursor.fetchall()
        compiler = _compiler(made.query)
        if converters := compiler.get_converters(made.columns):
            return list(map(tuple, compiler.apply_converters(found, converters)))
        return list(found)

    def models(self, *asked: *Asked) -> list[Any]:
        """Columns beside the model's own come as the database gives them."""
        made = self._compiled(asked)
        return list(made.model.objects.raw(made.sql, made.values))
