"""Money and moments, written the same way on every page; long lists, made once."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from typing import Any, Protocol

from django import template
from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

from portal.currencies import SIGNS

register = template.Library()

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_CENT = Decimal("0.01")


class Line(Protocol):
    """A NamedTuple of plain values."""

    def _asdict(self) -> dict[str, Any]: ...
    def __hash__(self) -> int: ...


@register.filter
def money(amount: Decimal, currency: str = "USD") -> str:
    """`$1,234.50`, `−$3.20` with a true minus, `12.00 SEK` for currencies without a sign here."""
    rounded = amount.quantize(_CENT, ROUND_HALF_UP)
    minus = "−" if rounded < 0 else ""
    figure = f"{abs(rounded):,.2f}"
    sign = SIGNS.get(currency)
    return f"{minus}{sign}{figure}" if sign else f"{minus}{figure} {currency}"


@register.filter
def span(seconds: float) -> str:
    """A length of time in the one unit that matters: `40 s`, `5 min`, `3 h`, `12 d`."""
    if seconds < _MINUTE:
        return f"{int(seconds)} s"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min"
    return f"{int(seconds // _HOUR)} h" if seconds < _DAY else f"{int(seconds // _DAY)} d"


def how_long(moment: datetime | None, now: datetime) -> str:
    """`5 min`: what has passed since; nothing where there is no moment."""
    return span(max(0.0, (now - moment).total_seconds())) if moment else ""


def how_long_ago(moment: datetime | None, now: datetime) -> str:
    """`5 min ago`, or `just now`."""
    words = how_long(moment, now)
    return words and ("just now" if words.endswith(" s") else f"{words} ago")


@register.filter
def at(words: str, moment: datetime | None) -> SafeString | str:
    """The words with the exact moment behind them; `–` when there is none."""
    if moment is None:
        return "–"
    stamp, title = moment.isoformat(timespec="seconds"), f"{moment:%d %b %Y %H:%M} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', stamp, title, words)


@register.filter
def age(moment: datetime | None) -> SafeString | str:
    """`5 min ago` with the exact moment behind it; `–` when there is none."""
    return at(how_long_ago(moment, timezone.now()), moment)


@register.filter
def since(moment: datetime | None) -> SafeString | str:
    """`5 min`: how long it has been, for columns whose head says `since`."""
    return at(how_long(moment, timezone.now()), moment)


@register.filter
def day(value: date | None) -> str:
    """`21 Nov`, with the year where it is not this one."""
    if value is None:
        return "–"
    form = "{0.day} {0:%b}" if value.year == timezone.now().year else "{0.day} {0:%b %Y}"
    return form.format(value)


icon = register.simple_tag(cache(lucide), name="icon")
"""An icon of Lucide, whose SVG is put together once."""


@register.simple_tag
def rows(name: str, lines: Iterable[Line]) -> SafeString:
    """Each line through the template `name`, which sees the fields of the line and nothing else.

    A line is plain values, so the same line is the same HTML, and that is kept: on the next view
    only what has changed is made again.
    """
    made: template.Template = get_template(name).template  # type: ignore[attr-defined]
    return mark_safe("".join(_row(made, line) for line in lines))  # noqa: S308  # all from templates


@lru_cache(maxsize=2048)
def _row(made: template.Template, line: Line) -> str:
    return made.render(template.Context(line._asdict()))  # noqa: SLF001  # a NamedTuple's own
