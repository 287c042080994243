"""An append-only journal of JSON lines: written before the answer is sent, replayed and compacted
at start.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Event = dict[str, Any]


class Journal:
    """Events in the order in which they happened. Not thread-safe: its owner holds a lock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: Any = None

    @property
    def exists(self) -> bool:
        return self._path.exists()

    def replay(self) -> Iterator[Event]:
        """All whole lines. A line torn by a kill is the last one, and its caller never got an
        answer: dropped.
        """
        if not self._path.exists():
            return
        for line in self._path.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                return
            try:
                yield json.loads(line)
            except ValueError:
                return

    def compact(self, events: Iterable[Event]) -> None:
        """Put these events in place of all earlier ones: the new file is whole before the old one
        goes.
        """
        self.close()
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.writelines(_line(event) for event in events)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)

    def append(self, event: Event) -> None:
        """Hand the event to the operating system: it outlives this process, whatever ends it."""
        if self._file is None:
            self._file = self._path.open("ab", buffering=0)
        line, end = _line(event), self._file.seek(0, os.SEEK_END)
        if self._file.write(line) != len(line):
            self._file.truncate(
                end
            )  # a full disk: without this the next event would hang on to half a line
            raise OSError(f"The journal {self._path.name} could not be written.")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _line(event: Event) -> bytes:
    return json.dumps(event, separators=(",", ":")).encode() + b"\n"
