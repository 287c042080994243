"""Queries whose SQL is written once: that takes Django longer than the database takes to answer.

With `@written.once` above a function that makes a queryset, SQL is kept by what it is asked with.
"""

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, Generic, TypeVarTuple

from django.db import connection
from django.db.models import QuerySet

Asked = TypeVarTuple("Asked")


class once(Generic[*Asked]):  # noqa: N801  # a decorator
    def __init__(self, make: Callable[[*Asked], QuerySet[Any, Any]]) -> None:
        @lru_cache
        def written(asked: Any) -> tuple[Any, ...]:
            found = make(*asked)
            return found.model, *found.query.sql_with_params()

        self._written: Callable[[Hashable], tuple[Any, ...]] = written

    def rows(self, *asked: *Asked) -> list[tuple[Any, ...]]:
        """As the database gives them: what SQLite has no type for comes as text or number."""
        _, sql, values = self._written(asked)
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def models(self, *asked: *Asked) -> list[Any]:
        """Columns beside the model's own come as the database gives them."""
        model, sql, values = self._written(asked)
        return list(model.objects.raw(sql, values))
