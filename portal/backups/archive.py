"""The file of a backup: compressed lines of JSON, read and written one at a time.

A head that says what it is, then for each table a line with its columns and one line a row, and an
end with the number of rows and a checksum over all before it. The same for every database, so that
what was SQLite's can become PostgreSQL's.
"""

import base64
import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.utils.duration import duration_iso_string

KIND = "kiro-team-portal backup"
FORMAT = 1


class Unreadable(Exception):
    """The file is no backup, is cut off, or was changed; the message says which."""


@dataclass(frozen=True, slots=True)
class Head:
    """`migrations`: the schema the rows were in, as [app, name]."""

    version: str
    made_at: str
    migrations: list[list[str]]
    kind: str = KIND
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that follow belong to this model, in these columns."""

    model: str
    columns: list[str]


class Writer:
    """`head`, then `table` and its `row`s, then `end`."""

    def __init__(self, to: IO[bytes]) -> None:
        self._packed = gzip.GzipFile(fileobj=to, mode="wb", mtime=0)
        self._sum = hashlib.sha256()
        self.rows = 0

    def head(self, head: Head) -> None:
        self._line(asdict(head))

    def table(self, table: Table) -> None:
        self._line(asdict(table))

    def row(self, values: list[Any]) -> None:
        self.rows += 1
        self._line(values)

    def end(self) -> None:
        self._line({"rows": self.rows, "sha256": self._sum.hexdigest()})
        self._packed.close()

    def _line(self, content: Any) -> None:
        line = json.dumps(content, default=_plain, ensure_ascii=False, separators=(",", ":"))
        packed = line.encode() + b"\n"
        self._sum.update(packed)
        self._packed.write(packed)


def _plain(value: Any) -> str:
    """Exactly: the audit log is bound to its microseconds."""
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case Decimal() | UUID():
            return str(value)
        case timedelta():
            return duration_iso_string(value)
        case bytes() | memoryview():
            return base64.b64encode(value).decode("ascii")
    raise TypeError(f"{type(value).__name__} has no place in a backup")


def check(path: Path) -> Head:
    """Read it to its end. Raises: Unreadable."""
    for _ in contents(path):
        pass
    return head(path)


def head(path: Path) -> Head:
    """What the backup says of itself. Raises: Unreadable."""
    first = next(_lines(path), (b"", None))[1]
    if not isinstance(first, dict) or first.get("kind") != KIND:
        raise Unreadable("This is no backup of the portal.")
    if first["format"] != FORMAT:
        raise Unreadable(f"This backup has format {first['format']}; this portal reads {FORMAT}.")
    return Head(**first)


def contents(path: Path) -> Iterator[Table | list[Any]]:
    """Each table, followed by its rows. Raises: Unreadable, at the end where it is cut off."""
    head(path)
    digest, rows = hashlib.sha256(), 0
    for raw, line in _lines(path):
        if isinstance(line, dict) and "sha256" in line:
            if (line["rows"], line["sha256"]) != (rows, digest.hexdigest()):
                raise Unreadable("The backup was changed or damaged: its checksum differs.")
            return
        digest.update(raw)
        if isinstance(line, list):
            rows += 1
            yield line
        elif "model" in line:
            yield Table(**line)
    raise Unreadable("The backup is cut off.")


def _lines(path: Path) -> Iterator[tuple[bytes, Any]]:
    try:
        with gzip.open(path) as packed:
            for raw in packed:
                yield raw, json.loads(raw)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise Unreadable(f"The backup cannot be read: {_why(error)}.") from error


def _why(error: Exception) -> str:
    if isinstance(error, gzip.BadGzipFile | ValueError | zlib.error):
        return "it was not made by manage.py backup, or is damaged"
    return getattr(error, "strerror", None) or "it is cut off"
