"""A few bars in a table's cell: a share of an allowance, or how the last months went.

In Python, as `drawing`: fifty rows of a table are fifty drawings.
"""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.html import escape

WIDTH, HEIGHT = 8, 20
GAP = 3


def share(percent: float) -> str:
    """How full: beyond 100% the bar is full and its end shows how much of it is over."""
    fits = percent if percent <= 100 else 100 / percent * 100
    over = "" if percent <= 100 else _rect("share__over", f"{fits:.1f}%", f"{100 - fits:.1f}%")
    return (
        '<svg class="share" width="100%" height="6" aria-hidden="true">'
        f"{_rect('share__track', '0', '100%')}{_rect('share__fill', '0', f'{fits:.1f}%')}{over}"
        "</svg>"
    )


def _rect(kind: str, x: str, width: str) -> str:
    return f'<rect class="{kind}" x="{x}" width="{width}" height="6" rx="3"/>'


def months(amounts: Sequence[Decimal], *, allowance: int, name: str) -> str:
    """One bar a month, full at the allowance or at the highest of them."""
    highest = max(Decimal(allowance), *amounts, Decimal(1))
    bars = "".join(
        _bar(place, float(amount / highest), is_over=allowance > 0 and amount > allowance)
        for place, amount in enumerate(amounts)
    )
    width = len(amounts) * (WIDTH + GAP) - GAP
    return (
        f'<svg class="spark" width="{width}" height="{HEIGHT}" role="img"'
        f' aria-label="{escape(name)}"><title>{escape(name)}</title>{bars}</svg>'
    )


def _bar(place: int, part: float, *, is_over: bool) -> str:
    height = max(round(part * HEIGHT, 1), 1.5)
    over = " spark__bar--over" if is_over else ""
    return (
        f'<rect class="spark__bar{over}" x="{place * (WIDTH + GAP)}" y="{HEIGHT - height:g}"'
        f' width="{WIDTH}" height="{height:g}" rx="1.5"/>'
    )
