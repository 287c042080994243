"""Running the tests of one mutant in a copy of the tree, and what became of them."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.mutant import Mutant, taken_away
from tests.support import surroundings

LEFT_OUT = (".git", ".venv", ".hypothesis", ".*_cache", "__pycache__", "var", "screenshots")
PYTEST = ("-q", "--tb=no", "--no-header", "-p", "no:cacheprovider", "-n", "0", "--reuse-db")
PASSED, FAILED = 0, 1
_FAILED_TEST = re.compile(r"^FAILED (.+?)(?: - .*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`red`: the test that noticed; empty when all stayed green, or broke down otherwise."""

    guard: str
    red: str
    seconds: float
    said: str = ""

    @property
    def line(self) -> str:
        return f"{self.guard} | {self.red or self._without} | {self.seconds:.1f}"

    @property
    def _without(self) -> str:
        return f"NOT TRIED: {self.said}" if self.said else "NONE: all stayed green"


class Lane:
    """A copy of the tree with a test database of its own, re-used by one run after the other."""

    def __init__(self, tree: Path, folder: Path, number: int) -> None:
        self._root = folder / f"lane-{number}"
        shutil.copytree(tree, self._root, ignore=shutil.ignore_patterns(*LEFT_OUT))
        self._environment = {**os.environ, **_servers(number)}
        self._is_database_good = False

    def red_anyway(self, tests: Sequence[str]) -> set[str]:
        """Those of the tests that are red with every guard in its place. Raises: RuntimeError."""
        done = self._pytest(tests)
        if done.returncode not in {PASSED, FAILED}:
            raise RuntimeError(done.stdout + done.stderr)
        return set(_FAILED_TEST.findall(done.stdout))

    def try_out(self, mutant: Mutant) -> Verdict:
        self._is_database_good &= not mutant.is_in_schema
        began = time.monotonic()
        with taken_away(self._root, mutant):
            done = self._pytest(["-x", *mutant.tests])
        self._is_database_good &= not mutant.is_in_schema
        red, seconds = _FAILED_TEST.search(done.stdout), time.monotonic() - began
        if done.returncode == FAILED and red:
            return Verdict(mutant.guard, red[1], seconds)
        said = "" if done.returncode == PASSED else _last_line(done.stdout or done.stderr)
        return Verdict(mutant.guard, "", seconds, said)

    def _pytest(self, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
        anew = () if self._is_database_good else ("--create-db",)
        self._is_database_good = True
        return subprocess.run(
            [sys.executable, "-m", "pytest", *PYTEST, *anew, *tests],
            cwd=self._root,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )


def start_servers() -> None:
    """Those of `tests.support`, once for all runs; they end with this process."""
    before = dict(os.environ)
    surroundings.prepare()
    named = {name: said for name, said in os.environ.items() if name.startswith("PORTAL_TEST_")}
    os.environ.clear()
    os.environ.update({**before, **named})


def _servers(number: int) -> dict[str, str]:
    """On each server a place of the lane's own, as the processes of pytest-xdist have."""
    said, database = {"PYTEST_XDIST_WORKER": f"gw{number}"}, os.environ["PORTAL_TEST_DATABASE"]
    if database:
        said["PORTAL_TEST_DATABASE"] = f"{database}_{number}"
    return said


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "no word")
