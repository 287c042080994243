"""Figures as the table shows them, and the arithmetic that makes them."""

import math
import statistics
import sys
from dataclasses import asdict, dataclass

MOST_WANDER = 0.30


@dataclass(frozen=True)
class Figure:
    """`most` or `least`: what was promised; neither where the figure only says how things are."""

    name: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None
    p10: float | None = None
    p90: float | None = None
    note: str = ""

    @property
    def is_met(self):
        is_low_enough = self.most is None or self.value <= self.most
        return is_low_enough and (self.least is None or self.value >= self.least)

    @property
    def target(self):
        if self.most is None and self.least is None:
            return ""
        return f"≤ {self.most:g}" if self.least is None else f"≥ {self.least:g}"

    @property
    def verdict(self):
        return ("met" if self.is_met else "MISSED") if self.target else ""


def spread(values):
    """Of many: median, and what nine tenths lie above and below."""
    tenths = statistics.quantiles(values, n=10, method="inclusive")
    return {
        "value": round(statistics.median(values), 2),
        "p10": round(tenths[0], 2),
        "p90": round(tenths[-1], 2),
    }


def wander(values):
    """How far apart the medians of the thirds of a run are, against the whole."""
    third = len(values) // 3
    medians = [statistics.median(values[part * third :][:third]) for part in range(3)]
    return (max(medians) - min(medians)) / statistics.median(values)


def slope(times):
    """Of log time over log size, from {size: time}: 0 is flat, 1 grows like the size."""
    small, large = min(times), max(times)
    return round(math.log(times[large] / times[small]) / math.log(large / small), 3)


def heading():
    return f"{'':<44}{'median':>10} {'p10–p90':>15}  {'target':>8}  verdict"


def lines(row, figures):
    """A row of the table: its name, and a line for each figure."""
    yield row
    for each in figures:
        between = f"{each.p10:g}–{each.p90:g}" if each.p10 is not None else ""
        value = f"{each.value:g}{each.unit}"
        line = f"  {each.name:<42}{value:>10} {between:>15}  {each.target:>8}  {each.verdict}"
        yield f"{line}  {each.note}".rstrip()


def say(what):
    """What is being measured now, beside the table."""
    print(f"  {what} …", file=sys.stderr, flush=True)


def as_json(found):
    return {
        row: [{**asdict(each), "is_met": each.is_met} for each in figures]
        for row, figures in found.items()
    }
