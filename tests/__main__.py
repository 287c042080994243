"""`python -m tests`, which is `make test`: what touches locks, jobs and migrations on SQLite, then everything on PostgreSQL.

Further words go to pytest both times. Ends with what ran, for how long, and what this machine
could not run.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

IN_PARALLEL = ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder", "-q"]
"""One more than a small machine's processors: some tests wait for processes they have started."""
RUNS = (
    ("SQLite", {"TEST_DATABASE": "sqlite"}, ["-m", "both_databases"]),
    ("PostgreSQL", {"TEST_DATABASE": ""}, []),
)
NOTHING_FOUND = 5
"""What pytest ends with when the words fit no test; of no concern as long as the other run has some."""


def main(words):
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder) / "not-run"
        ended = [_run(name, more, [*chosen, *words], notes) for name, more, chosen in RUNS]
        missing = sorted(set(notes.read_text().splitlines())) if notes.is_file() else []
    print()
    for (name, _, _), (code, seconds) in zip(RUNS, ended, strict=True):
        print(f"{name:<12}{_word(code):<10}{seconds:5.0f} s")
    for what in missing:
        print(f"NOT RUN     {what}")
    codes = {code for code, _ in ended}
    return max(codes - {NOTHING_FOUND}, default=NOTHING_FOUND)


def _run(name, more, words, notes):
    print(f"\n{name}", flush=True)
    began = time.monotonic()
    environment = {**os.environ, **more, "PORTAL_TEST_NOTES": str(notes)}
    command = [sys.executable, "-m", "pytest", *IN_PARALLEL, *words]
    return subprocess.call(command, env=environment), time.monotonic() - began


def _word(code):
    return {0: "passed", NOTHING_FOUND: "no tests"}.get(code, "FAILED")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
