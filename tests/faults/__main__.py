"""`python -m tests.faults [--short] [--only WORD] [--seed N] [--json FILE]`, which is `make faults`."""

from tests.support import surroundings

surroundings.prepare()

import django  # noqa: E402  # the settings have to stand

django.setup()

import argparse  # noqa: E402
import contextlib  # noqa: E402
import json  # noqa: E402
import logging  # noqa: E402
import os  # noqa: E402
import random  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
import traceback  # noqa: E402
from pathlib import Path  # noqa: E402

from django.core.management import call_command  # noqa: E402

from tests.faults import lanes  # noqa: E402
from tests.faults.lab import Lab  # noqa: E402
from tests.faults.outcome import HEAD, Outcome, line, shown  # noqa: E402
from tests.faults.table import FAULTS  # noqa: E402
from tests.support import emptying  # noqa: E402

LANES = 2
"""How many faults are tried side by side: half of them wait most of the time."""


def main(words):
    chosen = _parser().parse_args(words)
    if chosen.lane:
        return _follow(chosen)
    names = [name for name in FAULTS if any(word in name for word in chosen.only.split(","))]
    print(f"seed {chosen.seed}\n{shown(HEAD)}", flush=True)
    found = {}
    try:
        for name, outcome, seconds in _carried_out(chosen, names):
            found[name] = outcome
            print(shown(line(name, outcome)), f"[{seconds:.0f} s]", flush=True)
    finally:
        if chosen.json:
            _write(Path(chosen.json), {name: outcome.as_json() for name, outcome in found.items()})
    is_whole = len(found) == len(names)
    return 0 if is_whole and all(outcome.is_good for outcome in found.values()) else 1


def _carried_out(chosen, names):
    """Each name with what came of it and the seconds that took: here, or in several lanes."""
    if not chosen.short and len(names) > 1:
        yield from lanes.carried_out(names, seed=chosen.seed, count=LANES)
        return
    with _lab(chosen) as lab:
        for name in names:
            yield name, *_carry_out(lab, name)


def _follow(chosen):
    """A lane: each line of the standard input is the name of a fault, and is answered by one."""
    answers, sys.stdout = sys.stdout, sys.stderr
    with _lab(chosen) as lab:
        for words in sys.stdin:
            outcome, seconds = _carry_out(lab, words.strip())
            print(json.dumps([outcome.as_json(), seconds]), file=answers, flush=True)
    return 0


@contextlib.contextmanager
def _lab(chosen):
    os.environ["LOG_LEVEL"] = "WARNING"  # of the parts
    logging.getLogger().setLevel(logging.ERROR)
    call_command("migrate", verbosity=0)
    emptying.by_rows()
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(Path(folder), scale=0.1 if chosen.short else 1, seed=chosen.seed)
        try:
            yield lab
        finally:
            lab.close()


def _write(path, figures):
    """Whole or not at all: somebody waits for it."""
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps(figures))
    unfinished.replace(path)


def _parser():
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--short", action="store_true", help="a tenth of the load")
    parser.add_argument(
        "--only",
        default="",
        help="faults whose name has this word, or one of several with commas between, in it",
    )
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--lane", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", default="", help="where to write the figures")
    return parser


def _carry_out(lab, name):
    """What came of it, and how many seconds that took."""
    began = time.monotonic()
    lab.throw_for(name)
    try:
        outcome = FAULTS[name](lab)
    except Exception:  # noqa: BLE001  # the other faults are still to be tried
        traceback.print_exc()
        outcome = Outcome(injected=0, wrong=1, note="the fault run itself broke off")
    return outcome, time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
