"""Bar charts as numbers: amounts in; bars, grid lines and labels out. No HTML, no colours.

Across, places are percentages of the plot; down, pixels. So one drawing fills any width while its
letters keep their size, and `is_rare` says which labels also fit a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from itertools import chain

from portal.currencies import SIGNS

HEIGHT = 184.0
MOST_LINES = 4
MOST_LABELS, MOST_RARE_LABELS = 16, 6
WIDEST_BAR, WIDEST_SHARE = 8.0, 0.6
"""A bar fills this share of its slot, but never more of the plot than this percentage."""

_ROUND = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5))
_CENT = Decimal("0.01")
_SHORT = ((5 * 10**8, 10**9, "B"), (5 * 10**5, 10**6, "M"), (2500, 1000, "k"))
"""From which step on the axis counts in which unit, so that all of its labels look alike."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One bar's amounts, from the ground up.

    `covered`: how much of them credits pay. `net`: what is left to pay, for a line across all
    bars; None for no line.
    """

    label: str
    parts: Sequence[tuple[str, Decimal]]
    covered: Decimal = Decimal(0)
    net: Decimal | None = None
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    part: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    stack: Stack
    x: float
    width: float
    slot_x: float
    slot_width: float
    middle: float
    segments: tuple[Segment, ...]
    cap_x: float
    cap_width: float
    cap_y: float | None
    net_y: float | None
    has_label: bool
    is_rare: bool


@dataclass(frozen=True, slots=True)
class GridLine:
    value: Decimal
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    height: float
    grid: tuple[GridLine, ...]
    bars: tuple[Bar, ...]


def stacked_bars(stacks: Sequence[Stack], *, currency: str = "USD") -> Chart:
    """Positive amounts stand on the zero line, negative ones hang from it."""
    lowest, highest = _extent(stacks)
    values = axis(lowest, highest)
    scale = _Scale(min(lowest, values[0]), max(highest, values[-1]))
    step = values[1] - values[0]
    grid = [GridLine(value, scale.y(value), axis_label(value, step, currency)) for value in values]
    bars = [_bar(stack, place, len(stacks), scale) for place, stack in enumerate(stacks)]
    return Chart(HEIGHT, tuple(grid), tuple(bars))


@dataclass(frozen=True, slots=True)
class _Scale:
    lowest: Decimal
    highest: Decimal

    def y(self, amount: Decimal) -> float:
        share = (amount - self.lowest) / (self.highest - self.lowest)
        return round(HEIGHT * (1 - float(share)), 2)


def _extent(stacks: Sequence[Stack]) -> tuple[Decimal, Decimal]:
    """The lowest and the highest amount that must fit; zero is always among them."""
    amounts = [[amount for _, amount in stack.parts] for stack in stacks]
    lows = (sum((a for a in each if a < 0), Decimal(0)) for each in amounts)
    highs = (sum((a for a in each if a > 0), Decimal(0)) for each in amounts)
    nets = (stack.net for stack in stacks if stack.net is not None)
    ends = [Decimal(0), *chain(lows, highs), *(stack.covered for stack in stacks), *nets]
    return min(ends), max(ends)


def axis(lowest: Decimal, highest: Decimal) -> list[Decimal]:
    """Two to four round values, evenly apart, zero among them.

    They reach beyond the amounts on the larger side. On the smaller side they end inside, so that
    one small refund does not take half of the drawing.
    """
    exponent = max(-lowest, highest).adjusted() - 1
    while True:
        for factor in _ROUND:
            step = max(factor.scaleb(exponent), _CENT)
            values = _lines(lowest, highest, step)
            if len(values) <= MOST_LINES:
                return values
        exponent += 1


def _lines(lowest: Decimal, highest: Decimal, step: Decimal) -> list[Decimal]:
    inside, beyond = ROUND_DOWN, ROUND_UP
    is_upright = highest >= -lowest
    first = int((lowest / step).to_integral_value(inside if is_upright else beyond))
    last = int((highest / step).to_integral_value(beyond if is_upright else inside))
    return [step * count for count in range(first, max(last, first + 1) + 1)]


def axis_label(value: Decimal, step: Decimal, currency: str = "USD") -> str:
    """`$200`, `−$20`, `$12.5k`, `$0.02`; other currencies bear their sign in the table."""
    minus, sign = "−" if value < 0 else "", SIGNS.get(currency, "")
    for from_step, unit, letter in _SHORT:
        if value and step >= from_step:
            return f"{minus}{sign}{(abs(value) / unit).normalize():f}{letter}"
    places = 0 if step == step.to_integral_value() else 2
    return f"{minus}{sign}{abs(value):,.{places}f}"


def _bar(stack: Stack, place: int, count: int, scale: _Scale) -> Bar:
    slot = 100 / count
    width = min(slot * WIDEST_SHARE, WIDEST_BAR)
    middle = slot * (place + 0.5)
    overhang = width * 0.04
    return Bar(
        stack=stack,
        x=round(middle - width / 2, 3),
        width=round(width, 3),
        slot_x=round(slot * place, 3),
        slot_width=round(slot, 3),
        middle=round(middle, 3),
        segments=tuple(_segments(stack, scale)),
        cap_x=round(middle - width / 2 - overhang, 3),
        cap_width=round(width + 2 * overhang, 3),
        cap_y=scale.y(stack.covered) if stack.covered else None,
        net_y=None if stack.net is None else scale.y(stack.net),
        has_label=is_labelled(place, count, MOST_LABELS),
        is_rare=is_labelled(place, count, MOST_RARE_LABELS),
    )


def is_labelled(place: int, count: int, most: int) -> bool:
    """Every so many bars, counted from the newest, which matters most."""
    every = -(-count // most)
    return (count - 1 - place) % every == 0


def _segments(stack: Stack, scale: _Scale) -> list[Segment]:
    found, above, below = [], Decimal(0), Decimal(0)
    for part, amount in stack.parts:
        if amount > 0:
            bottom, above = above, above + amount
            top = above
        elif amount < 0:
            top, below = below, below + amount
            bottom = below
        else:
            continue
        y = scale.y(top)
        found.append(Segment(part, y, round(scale.y(bottom) - y, 2)))
    return found
