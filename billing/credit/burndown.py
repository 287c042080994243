"""The burn-down of the credits as numbers: balances in; lines, marks and labels out. Pure.

Places are per cent of the plot, across and down, so that it fills whatever room it is given. The
lines are drawn in a box that is stretched, where their places across are per mille.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from billing.amounts import ZERO
from billing.charts import chart
from billing.charts.chart import GridLine
from billing.spending.periods import months
from portal.templatetags.portal import money

WIDE, HIGH = 1000, 100
MOST_LABELS, MOST_RARE_LABELS = 13, 4
NEAR_EDGE = 75.0
LABEL_WIDTH = 30.0

Balances = Sequence[tuple[date, Decimal]]
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """A date that matters: where it stands, what it is called."""

    x: float
    label: str

    @property
    def anchor(self) -> str:
        """A label in the right part ends at its mark, so that it stays on the drawing."""
        return "end" if self.x > NEAR_EDGE else "start"


@dataclass(frozen=True, slots=True)
class Month:
    x: float
    label: str
    has_label: bool
    is_rare: bool


@dataclass(frozen=True, slots=True)
class Point:
    """One balance, and the stretch across in which pointing means it."""

    x: float
    y: float
    slot_x: float
    slot_width: float
    text: str


@dataclass(frozen=True, slots=True)
class Burndown:
    """`height`: in pixels, where nothing gives it more."""

    height: float
    grid: tuple[GridLine, ...]
    months: tuple[Month, ...]
    past: str
    future: str
    area: str
    now_x: float
    now_y: float
    end: Mark | None
    expiries: tuple[Mark, ...]
    points: tuple[Point, ...]


def draw(  # noqa: PLR0913  # one drawing, all by keyword
    past: Balances,
    future: Balances,
    *,
    ends_on: date | None,
    expiries: Mapping[date, str],
    end_label: str,
    currency: str,
    height: float = chart.HEIGHT,
    most_labels: int = MOST_LABELS,
) -> Burndown:
    """`past` ends where `future` begins: at the day of which the balance is known."""
    last = max([future[-1][0], *expiries, ends_on or future[-1][0]])
    highest = max(amount for _, amount in [*past, *future])
    lines = chart.axis(ZERO, max(highest, Decimal("0.01")))
    plot = _Plot(past[0][0], max(last, past[0][0] + _ONE_DAY), max(lines[-1], highest))
    now, left = future[0]
    line = [*past, *future]
    return Burndown(
        height=height,
        grid=_grid(plot, lines, currency),
        months=_months(plot, most_labels),
        past=plot.path(past),
        future=plot.path(future),
        area=f"{plot.path(line)}V{HIGH}H{plot.across(line[0][0]) * WIDE / 100:g}Z",
        now_x=plot.across(now),
        now_y=plot.down(left),
        end=plot.mark(ends_on, end_label) if ends_on else None,
        expiries=_apart([plot.mark(day, label) for day, label in sorted(expiries.items())]),
        points=_points(plot, line, currency),
    )


@dataclass(frozen=True, slots=True)
class _Plot:
    first: date
    last: date
    top: Decimal

    def across(self, day: date) -> float:
        return round(100 * (day - self.first).days / (self.last - self.first).days, 3)

    def down(self, amount: Decimal) -> float:
        return round(HIGH * (1 - float(amount / self.top)), 3)

    def path(self, balances: Balances) -> str:
        points = (
            f"{self.across(day) * WIDE / 100:g} {self.down(amount):g}" for day, amount in balances
        )
        return "M" + "L".join(points)

    def mark(self, day: date, label: str) -> Mark:
        return Mark(self.across(day), label)


def _points(plot: _Plot, line: Balances, currency: str) -> tuple[Point, ...]:
    days = dict(line)  # today is in both the past and the future
    places = [plot.across(day) for day in days]
    middles = [(a + b) / 2 for a, b in pairwise(places)]
    slots = pairwise([0.0, *middles, places[-1]])
    return tuple(
        Point(
            x=place,
            y=plot.down(amount),
            slot_x=round(start, 3),
            slot_width=round(end - start, 3),
            text=f"{day.day} {day:%b %Y}: {money(amount, currency)} left",
        )
        for place, (day, amount), (start, end) in zip(places, days.items(), slots, strict=True)
    )


def _apart(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Where labels would lie on each other the later ones keep theirs."""
    kept: list[Mark] = []
    for mark in reversed(marks):
        is_near = any(abs(mark.x - other.x) < LABEL_WIDTH for other in kept if other.label)
        kept.append(replace(mark, label="") if is_near else mark)
    return tuple(reversed(kept))


def _grid(plot: _Plot, values: Sequence[Decimal], currency: str) -> tuple[GridLine, ...]:
    step = values[1] - values[0]
    return tuple(
        GridLine(value, plot.down(value), chart.axis_label(value, step, currency))
        for value in values
    )


def _months(plot: _Plot, most: int) -> tuple[Month, ...]:
    starts = [month for month in months(plot.first, plot.last) if month >= plot.first]
    return tuple(
        Month(
            x=plot.across(month),
            label=f"{month:%b ’%y}" if month.month == 1 else f"{month:%b}",
            has_label=chart.is_labelled(place, len(starts), most),
            is_rare=chart.is_labelled(place, len(starts), MOST_RARE_LABELS),
        )
        for place, month in enumerate(starts)
    )


# What to draw ----------------------------------------------------------------------------------


def sampled(
    balances: Balances, *, until: date, keep: Iterable[date] = (), sudden: Iterable[date] = ()
) -> list[tuple[date, Decimal]]:
    """Of a balance for each day enough to draw it: the ends, each first of a month, `keep`.

    On `sudden` days a grant lapses or begins, so the day before is kept as well: the line falls
    straight down there.
    """
    last = min(until, balances[-1][0])
    wanted = {balances[0][0], last, *keep}
    for day in sudden:
        wanted |= {day, day - _ONE_DAY}
    return [
        (day, amount) for day, amount in balances if day <= last and (day.day == 1 or day in wanted)
    ]


@dataclass(frozen=True, slots=True)
class Spent:
    """A grant as its past is drawn: its first day, what is left now, what was used when."""

    starts_on: date
    left: Decimal
    used_by_day: Mapping[date, Decimal]

    def at_end_of(self, day: date) -> Decimal:
        if day < self.starts_on:
            return ZERO
        return self.left + sum((used for on, used in self.used_by_day.items() if on > day), ZERO)


def history(grants: Sequence[Spent], *, as_of: date, since: date) -> list[tuple[date, Decimal]]:
    """What was left, out of what is left now. Begins with the first grant as it was issued."""
    begun = [grant for grant in grants if grant.starts_on <= as_of]
    first = max(min((grant.starts_on for grant in begun), default=as_of), since)
    wanted = {as_of, *(month for month in months(first, as_of) if month > first)}
    for start in {grant.starts_on for grant in begun if grant.starts_on > first}:
        wanted |= {start, start - _ONE_DAY}
    whole = sum((grant.at_end_of(first) + _used_on(grant, first) for grant in begun), ZERO)
    balances = [(day, _total(begun, day)) for day in sorted(wanted) if day > first]
    return [(first, whole), *balances] if first < as_of else [(as_of, _total(begun, as_of))]


def _used_on(grant: Spent, day: date) -> Decimal:
    return grant.used_by_day.get(day, ZERO)


def _total(grants: Sequence[Spent], day: date) -> Decimal:
    return sum((grant.at_end_of(day) for grant in grants), ZERO)
