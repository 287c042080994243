"""A chart's bars as SVG.

In Python, since a template takes longer for a month of bars than for the rest of the page.
"""

from collections.abc import Iterable
from itertools import pairwise

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from billing.charts.chart import Bar, Chart

CAP_HEIGHT = 3


def bars(chart: Chart, names: Iterable[tuple[str, str]], *, hatch: str) -> SafeString:
    """One group a bar: what it is called, its parts, its cap, and what it says when pointed at.

    `names`: for each bar its full and its short text. A bar without anything is left out.
    `hatch`: the id of the pattern that lies over what is estimated.
    """
    drawn = (
        _bar(bar, chart.height, full=escape(full), short=escape(short), hatch=escape(hatch))
        for bar, (full, short) in zip(chart.bars, names, strict=True)
        if bar.segments or bar.cap_y is not None
    )
    return mark_safe("".join(drawn))  # noqa: S308  # numbers of ours, and texts escaped above


def _bar(bar: Bar, height: float, *, full: str, short: str, hatch: str) -> str:
    estimated = " bar--estimated" if bar.stack.is_estimated else ""
    parts = "".join(
        f'<rect class="bar__part series--{segment.part}" x="{bar.x}%" width="{bar.width}%"'
        f' y="{segment.y}" height="{segment.height}"/>'
        for segment in bar.segments
    )
    return (
        f'<g class="bar{estimated}" tabindex="0" role="img" aria-label="{full}">'
        f'<rect class="bar__slot" x="{bar.slot_x}%" width="{bar.slot_width}%" height="{height}"/>'
        f"{parts}{_hatch(bar, hatch)}{_cap(bar)}"
        f'<text class="bar__readout" x="100%" y="-9">{short}</text></g>'
    )


def _hatch(bar: Bar, pattern: str) -> str:
    if not bar.stack.is_estimated:
        return ""
    return "".join(
        f'<rect x="{bar.x}%" width="{bar.width}%" y="{segment.y}" height="{segment.height}"'
        f' fill="url(#{pattern})"/>'
        for segment in bar.segments
    )


def net_line(chart: Chart) -> SafeString:
    """What is left to pay, from bar to bar. Lines, since a path cannot go by per cent."""
    points = [(bar.middle, bar.net_y) for bar in chart.bars if bar.net_y is not None]
    lines = (
        f'<line class="chart__net" x1="{x1}%" y1="{y1}" x2="{x2}%" y2="{y2}"/>'
        for (x1, y1), (x2, y2) in pairwise(points)
    )
    dots = (f'<circle class="chart__net-dot" cx="{x}%" cy="{y}" r="2.5"/>' for x, y in points)
    return mark_safe("".join([*lines, *dots]))  # noqa: S308  # numbers of ours


def _cap(bar: Bar) -> str:
    if bar.cap_y is None:
        return ""
    return (
        f'<rect class="chart__cap" x="{bar.cap_x}%" width="{bar.cap_width}%"'
        f' y="{round(bar.cap_y - CAP_HEIGHT, 2)}" height="{CAP_HEIGHT}"/>'
    )
