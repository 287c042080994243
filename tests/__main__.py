"""`python -m tests`, which is `make test`: everything on PostgreSQL, beside it what touches locks, jobs and migrations on SQLite.

Further words go to pytest both times. What the run on SQLite says is kept until the other has ended. Ends with what ran, for how long, and what this machine
could not run.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

IN_PARALLEL = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
"""As many as a small machine has processors: three took longer."""
BESIDE = 15
"""How nice the shorter run is to the longer one, which leaves a fifth of two processors idle."""
BOTH = "both_databases"
NOTHING_FOUND = 5
"""What pytest ends with when the words fit no test; of no concern as long as the other run has some."""


def main(words):
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as threads:
        notes, said = Path(folder) / "not-run", Path(folder) / "said"
        on_sqlite = ["-m", BOTH, *_files_with_both(words), *words]
        beside = threads.submit(_run, "sqlite", on_sqlite, notes, said)
        ended = {"PostgreSQL": _run("", [*IN_PARALLEL, *words], notes), "SQLite": beside.result()}
        print(f"\nSQLite\n{said.read_text()}", end="")
        missing = sorted(set(notes.read_text().splitlines())) if notes.is_file() else []
    print()
    for name, (code, seconds) in ended.items():
        print(f"{name:<12}{_word(code):<10}{seconds:5.0f} s")
    for what in missing:
        print(f"NOT RUN     {what}")
    codes = {code for code, _ in ended.values()}
    return max(codes - {NOTHING_FOUND}, default=NOTHING_FOUND)


def _files_with_both(words):
    """Those that hold such tests, so that the others are not even read; or what the words name."""
    if any(Path(word.partition("::")[0]).exists() for word in words):
        return []
    files = sorted(Path(__file__).parent.rglob("test_*.py"))
    return [str(path) for path in files if BOTH in path.read_text()]


def _run(database, words, notes, said=None):
    """What pytest ended with, and after how many seconds; its words go to the file, if one is given."""
    began = time.monotonic()
    environment = {**os.environ, "TEST_DATABASE": database, "PORTAL_TEST_NOTES": str(notes)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # else hundreds of processes compile it all
    command = [sys.executable, "-m", "pytest", "-q", *words]
    nice = partial(os.nice, BESIDE) if said else None
    with said.open("wb") if said else contextlib.nullcontext() as output:
        code = subprocess.call(
            command, env=environment, stdout=output, stderr=output, preexec_fn=nice
        )
    return code, time.monotonic() - began


def _word(code):
    return {0: "passed", NOTHING_FOUND: "no tests"}.get(code, "FAILED")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
