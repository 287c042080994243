"""`python -m tests.bench [--json FILE] [row …]`: all rows, or those named; see `--help`."""

import argparse
import importlib
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import figures

ROWS = {
    "pages": "pages against a bare view",
    "board_all": "the board with all rows, against the admin",
    "growth": "100 to 10,000 members",
    "batch": "500 members under 20 requests a second",
    "paid": "paid requests to Cost Explorer",
    "importing": "an import of 5,000 rows",
    "ingest": "1,000,000 rows of activity reports",
    "first_visit": "the first visit to a page",
    "memory": "memory of `manage.py run`, idle",
}


def main():
    asked = _asked()
    load = {"before": os.getloadavg()[0]}
    print(figures.heading(), flush=True)
    found = {row: _measured(row) for row in asked.rows or ROWS}
    load["after"] = os.getloadavg()[0]
    print(f"\nload before {load['before']:.1f}, after {load['after']:.1f}")
    every = [each for row in found.values() for each in row]
    is_steady = all(each.is_met for each in every if each.most == figures.MOST_WANDER)
    if not is_steady:
        print(
            "REJECTED: the bare view wandered by more than 30%. Run it again on a quieter machine."
        )
    _write(asked.json, found, load, is_steady=is_steady)
    return 0 if is_steady else 1


def _asked():
    lines = "\n".join(f"  {name:<12} {what}" for name, what in ROWS.items())
    parser = argparse.ArgumentParser(
        "tests.bench", epilog=f"rows:\n{lines}", formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("rows", nargs="*", metavar="row", help="only these; all without any")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the same figures, to a file")
    asked = parser.parse_args()
    if unknown := set(asked.rows) - set(ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    return asked


def _measured(row):
    print(f"measuring {ROWS[row]} …", file=sys.stderr, flush=True)
    importlib.import_module("tests.bench.ground")  # the settings have to stand
    found = list(importlib.import_module(f"tests.bench.{row}").measure())
    print("\n".join(figures.lines(ROWS[row], found)), flush=True)
    return found


def _write(path, found, load, *, is_steady):
    if path is None:
        return
    about = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load": load,
        "is_steady": is_steady,
    }
    path.write_text(json.dumps({**about, "rows": figures.as_json(found)}, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
