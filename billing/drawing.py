"""A chart's bars as SVG.

In Python, since a template takes longer for a month of bars than for the rest of the page.
"""

from collections.abc import Iterable

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from billing.chart import Bar, Chart

CAP_HEIGHT = 3


def bars(chart: Chart, names: Iterable[tuple[str, str]]) -> SafeString:
    """One group a bar: what it is called, its parts, its cap, and what it says when pointed at.

    `names`: for each bar its full and its short text. A bar without anything is left out.
    """
    drawn = (
        _bar(bar, chart.height, full=escape(full), short=escape(short))
        for bar, (full, short) in zip(chart.bars, names, strict=True)
        if bar.segments or bar.cap_y is not None
    )
    return mark_safe("".join(drawn))  # noqa: S308  # numbers of ours, and texts escaped above


def _bar(bar: Bar, height: float, *, full: str, short: str) -> str:
    estimated = " bar--estimated" if bar.stack.is_estimated else ""
    parts = "".join(
        f'<rect class="bar__part series--{segment.part}" x="{bar.x}%" width="{bar.width}%"'
        f' y="{segment.y}" height="{segment.height}"/>'
        for segment in bar.segments
    )
    return (
        f'<g class="bar{estimated}" tabindex="0" role="img" aria-label="{full}">'
        f'<rect class="bar__slot" x="{bar.slot_x}%" width="{bar.slot_width}%" height="{height}"/>'
        f"{parts}{_cap(bar)}"
        f'<text class="bar__readout" x="100%" y="-9">{short}</text></g>'
    )


def _cap(bar: Bar) -> str:
    if bar.cap_y is None:
        return ""
    return (
        f'<rect class="chart__cap" x="{bar.cap_x}%" width="{bar.cap_width}%"'
        f' y="{round(bar.cap_y - CAP_HEIGHT, 2)}" height="{CAP_HEIGHT}"/>'
    )
