"""A column for queries: the values of all rows as one JSON list, on either database."""

from typing import Any

from django.db.models import Aggregate, JSONField


class JsonList(Aggregate):
    function = "JSONB_AGG"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **extra)
