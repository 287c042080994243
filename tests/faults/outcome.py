"""What a fault did to the portal, and the table of all."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

FAULTS = {}
"""By name, in the order of the table; filled by `@fault`."""


@dataclass(frozen=True)
class Outcome:
    """How often it was injected, and how many rows came out other than once.

    `recovery`: seconds from the last injection until everything was done, the slowest of all runs;
    None where nothing had to recover.
    """

    injected: int
    lost: int = 0
    twice: int = 0
    wrong: int = 0
    recovery: float | None = None
    note: str = ""

    @property
    def is_good(self):
        return not (self.lost or self.twice or self.wrong)

    def as_json(self):
        return asdict(self)


def together(outcomes):
    """Several runs of one fault as one line."""
    found = list(outcomes)
    recoveries = [each.recovery for each in found if each.recovery is not None]
    return Outcome(
        injected=sum(each.injected for each in found),
        lost=sum(each.lost for each in found),
        twice=sum(each.twice for each in found),
        wrong=sum(each.wrong for each in found),
        recovery=max(recoveries, default=None),
        note=found[-1].note,
    )


def fault(name: str) -> Callable:
    """Put a function into the table. It takes the lab and says what came of it."""

    def enter(run):
        FAULTS[name] = run
        return run

    return enter


HEAD = ("fault", "injected", "lost", "twice", "wrong", "slowest recovery", "")


def line(name, outcome):
    recovery = "–" if outcome.recovery is None else f"{outcome.recovery:.1f} s"
    counts = (outcome.injected, outcome.lost, outcome.twice, outcome.wrong)
    return (name, *map(str, counts), recovery, outcome.note)


def shown(cells):
    name, *counts, recovery, note = cells
    return f"{name:<44}" + "".join(f"{each:>9}" for each in counts) + f"{recovery:>18}  {note}"
