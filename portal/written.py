"""Queries whose SQL is written once: that takes Django longer than the database takes to answer.

With `@written.once` above a function that makes a queryset, SQL is kept by what it is asked with.
"""

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVarTuple

from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

Asked = TypeVarTuple("Asked")


class Written(NamedTuple):
    query: Any
    model: Any
    sql: str
    values: tuple[Any, ...]
    columns: list[Any]


def _write(found: QuerySet[Any, Any]) -> Written:
    compiler = _compiler(found.query)
    sql, values = compiler.as_sql()
    return Written(found.query, found.model, sql, values, [each[0] for each in compiler.select])


def _compiler(query: Any) -> SQLCompiler:
    made: SQLCompiler = query.get_compiler(connection=connection)
    return made


class once(Generic[*Asked]):  # noqa: N801  # a decorator
    def __init__(self, make: Callable[[*Asked], QuerySet[Any, Any]]) -> None:
        @lru_cache
        def written(asked: Any) -> Written:
            return _write(make(*asked))

        self._written: Callable[[Hashable], Written] = written

    def rows(self, *asked: *Asked) -> list[tuple[Any, ...]]:
        """Of a queryset of values: the same, as tuples."""
        made = self._written(asked)
        with connection.cursor() as cursor:
            cursor.execute(made.sql, made.values)
            found: Any = cursor.fetchall()
        compiler = _compiler(made.query)
        if converters := compiler.get_converters(made.columns):
            return list(map(tuple, compiler.apply_converters(found, converters)))
        return list(found)

    def models(self, *asked: *Asked) -> list[Any]:
        """Columns beside the model's own come as the database gives them."""
        made = self._written(asked)
        return list(made.model.objects.raw(made.sql, made.values))
