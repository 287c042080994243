"""Money and moments, written the same way on every page."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

from portal import fragment_cache
from portal.currencies import SIGNS

register = template.Library()

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_CENT = Decimal("0.01")


@register.filter
def money(amount: Decimal, currency: str = "USD") -> str:
    """`$1,234.50`, `−$3.20` with a true minus, `12.00 SEK` for currencies without a sign here."""
    rounded = amount.quantize(_CENT, ROUND_HALF_UP)
    minus = "−" if rounded < 0 else ""
    figure = f"{abs(rounded):,.2f}"
    sign = SIGNS.get(currency)
    return f"{minus}{sign}{figure}" if sign else f"{minus}{figure} {currency}"


@register.filter
def grouped(count: int) -> str:
    """`1,234`."""
    return f"{count:,}"


@register.filter
def span(seconds: float) -> str:
    """A length of time in the one unit that matters: `40 s`, `5 min`, `3 h`, `12 d`."""
    if seconds < _MINUTE:
        return f"{int(seconds)} s"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min"
    return f"{int(seconds // _HOUR)} h" if seconds < _DAY else f"{int(seconds // _DAY)} d"


@register.filter
def age(moment: datetime | None) -> SafeString | str:
    """`5 min ago`, or `just now`, with the exact moment behind it; `–` when there is none."""
    if moment is None:
        return "–"
    words = _how_long(moment)
    return _stamped("just now" if words.endswith(" s") else f"{words} ago", moment)


@register.filter
def since(moment: datetime | None) -> SafeString | str:
    """`5 min`: how long it has been, for columns whose head says `since`."""
    return _stamped(_how_long(moment), moment) if moment else "–"


def _how_long(moment: datetime) -> str:
    return span(max(0.0, (timezone.now() - moment).total_seconds()))


def _stamped(words: str, moment: datetime) -> SafeString:
    stamp, title = moment.isoformat(timespec="seconds"), f"{moment:%d %b %Y %H:%M} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', stamp, title, words)


@register.filter
def day(value: date | None) -> str:
    """`21 Nov`, with the year where it is not this one."""
    if value is None:
        return "–"
    form = "{0.day} {0:%b}" if value.year == timezone.now().year else "{0.day} {0:%b %Y}"
    return form.format(value)


@register.simple_tag
def part(name: str) -> SafeString:
    """A template that depends on nothing at all, made once."""
    return fragment_cache.html(name, (), dict)


icon = register.simple_tag(cache(lucide), name="icon")
"""An icon of Lucide, whose SVG is put together once."""
