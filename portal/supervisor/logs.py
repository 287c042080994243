"""The logs of a run's processes: a file each, never larger than `LARGEST`, and the one before."""

import shutil
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

LARGEST = 5_000_000
_TAIL = 4_000


class Log:
    """A file that a process writes to; `.1` is what it held before."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._before = path.with_suffix(f"{path.suffix}.1")
        with suppress(FileNotFoundError):
            path.replace(self._before)

    def opened(self) -> BinaryIO:
        """Open for appending, which is what lets `shorten` cut a file that is being written."""
        return self.path.open("ab")

    def shorten(self) -> None:
        if self.path.stat().st_size > LARGEST:
            shutil.copyfile(self.path, self._before)
            with self.path.open("r+b") as log:
                log.truncate(0)

    def last_line(self) -> str:
        """What the process said last: of a traceback, the line that names the error."""
        with self.path.open("rb") as log:
            log.seek(max(0, self.path.stat().st_size - _TAIL))
            lines = log.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
