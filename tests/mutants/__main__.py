"""`python -m tests.mutants [--only WORD] [--json FILE]`, which is `make mutants`.

Ends with 1 when a guard can be taken away and no test notices.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from queue import SimpleQueue

from tests.mutants import mutant, trying
from tests.mutants.mutant import Mutant
from tests.mutants.table import MUTANTS
from tests.mutants.trying import Lane, Verdict

TREE = Path(__file__).resolve().parents[2]
LANES = 2


def main(words: Sequence[str]) -> int:
    asked = _parser().parse_args(words)
    chosen = [each for each in MUTANTS if asked.only in each.guard]
    for each in chosen:
        mutant.check(TREE, each)
    began = time.monotonic()
    trying.start_servers()
    with tempfile.TemporaryDirectory(prefix="portal-mutants-") as folder:
        lanes = [Lane(TREE, Path(folder), number) for number in range(min(LANES, len(chosen)))]
        print("guard | red test | seconds", flush=True)
        verdicts = _weeded(lanes, _try_out(lanes, chosen))
    _sum_up(verdicts, time.monotonic() - began)
    if asked.json:
        asked.json.write_text(json.dumps([asdict(each) for each in verdicts], indent=2) + "\n")
    return 0 if verdicts and all(each.red for each in verdicts) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--only", default="", help="the guards whose name has this in it")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the same table, to a file")
    return parser


def _try_out(lanes: list[Lane], chosen: list[Mutant]) -> list[Verdict]:
    """In the order of the table; told as each ends."""
    free: SimpleQueue[Lane] = SimpleQueue()
    for lane in lanes:
        free.put(lane)

    def take_turn(each: Mutant) -> Verdict:
        lane = free.get()
        try:
            verdict = lane.try_out(each)
        finally:
            free.put(lane)
        print(verdict.line, flush=True)
        return verdict

    with ThreadPoolExecutor(len(lanes) or 1) as pool:
        return list(pool.map(take_turn, chosen))


def _weeded(lanes: list[Lane], verdicts: list[Verdict]) -> list[Verdict]:
    """A test that is red with every guard in its place notices nothing."""
    tests = sorted({each.red for each in verdicts} - {""})
    anyway = lanes[0].red_anyway(tests) if tests else set()
    said = "its test is red with the guard too"
    return [replace(each, red="", said=said) if each.red in anyway else each for each in verdicts]


def _sum_up(verdicts: list[Verdict], seconds: float) -> None:
    unnoticed = [each.guard for each in verdicts if not each.red]
    print(f"\n{len(verdicts)} guards taken away, {len(unnoticed)} unnoticed, {seconds:.0f} s")
    for guard in unnoticed:
        print(f"UNNOTICED   {guard}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
