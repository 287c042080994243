"""A guard, and what the code looks like without it."""

import importlib.util
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class OutOfDate(Exception):
    """The table names code that is not there any more, or there more than once."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """`guard` in words; in `file`, `old` becomes `new`; `tests` are files or node ids of pytest.

    `is_in_schema`: it changes what migrations make, so that the test database is made anew.
    """

    guard: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    is_in_schema: bool = False


def check(root: Path, mutant: Mutant) -> None:
    """Raises: OutOfDate, unless the guard stands there exactly once, and its tests are there."""
    path = root / mutant.file
    found = path.read_text().count(mutant.old) if path.is_file() else 0
    if found != 1:
        raise OutOfDate(f"{mutant.guard}: {mutant.file} has this {found} times:\n{mutant.old}")
    if mutant.old == mutant.new:
        raise OutOfDate(f"{mutant.guard}: nothing is taken away")
    for test in mutant.tests:
        _check_test(root, mutant, test)


def _check_test(root: Path, mutant: Mutant, test: str) -> None:
    file, _, name = test.partition("::")
    path = root / file
    if not path.is_file() or (name and f"def {name}(" not in path.read_text()):
        raise OutOfDate(f"{mutant.guard}: there is no test {test}")


@contextmanager
def taken_away(root: Path, mutant: Mutant):
    """The guard is gone from the tree at `root` until the end of the block."""
    path = root / mutant.file
    before = path.read_text()
    try:
        _write(path, before.replace(mutant.old, mutant.new))
        yield
    finally:
        _write(path, before)


def _write(path: Path, text: str) -> None:
    """Python tells a new text from the compiled one by second and length: both may be the same."""
    path.write_text(text)
    Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)
