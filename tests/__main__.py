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

IN_PARALLEL = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", "-q"]
"""As many as a small machine has processors; the fault runs go on beside them."""
BOTH = "both_databases"
NOTHING_FOUND = 5
"""What pytest ends with when the words fit no test; of no concern as long as the other run has some."""


def main(words):
    runs = (
        ("SQLite", {"TEST_DATABASE": "sqlite"}, ["-m", BOTH, *_files_with_both(words)]),
        ("PostgreSQL", {"TEST_DATABASE": ""}, []),
    )
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder) / "not-run"
        ended = [_run(name, more, [*chosen, *words], notes) for name, more, chosen in runs]
        missing = sorted(set(notes.read_text().splitlines())) if notes.is_file() else []
    print()
    for (name, _, _), (code, seconds) in zip(runs, ended, strict=True):
        print(f"{name:<12}{_word(code):<10}{seconds:5.0f} s")
    for what in missing:
        print(f"NOT RUN     {what}")
    codes = {code for code, _ in ended}
    return max(codes - {NOTHING_FOUND}, default=NOTHING_FOUND)


def _files_with_both(words):
    """Those that hold such tests, so that the others are not even read; or what the words name."""
    if any(Path(word.partition("::")[0]).exists() for word in words):
        return []
    files = sorted(Path(__file__).parent.rglob("test_*.py"))
    return [str(path) for path in files if BOTH in path.read_text()]


def _run(name, more, words, notes):
    print(f"\n{name}", flush=True)
    began = time.monotonic()
    environment = {**os.environ, **more, "PORTAL_TEST_NOTES": str(notes)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # else hundreds of processes compile it all
    command = [sys.executable, "-m", "pytest", *IN_PARALLEL, *words]
    return subprocess.call(command, env=environment), time.monotonic() - began


def _word(code):
    return {0: "passed", NOTHING_FOUND: "no tests"}.get(code, "FAILED")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
