"""Money and moments, written the same way on every page."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
_CENT = Decimal("0.01")


@register.filter
def money(amount: Decimal, currency: str = "USD") -> str:
    """`$1,234.50`, `−$3.20` with a true minus, `12.00 SEK` for currencies without a sign here."""
    rounded = amount.quantize(_CENT, ROUND_HALF_UP)
    minus = "−" if rounded < 0 else ""
    figure = f"{abs(rounded):,.2f}"
    sign = _SIGNS.get(currency)
    return f"{minus}{sign}{figure}" if sign else f"{minus}{figure} {currency}"


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
    """`5 min ago` with the exact moment behind it; `–` when there is none."""
    if moment is None:
        return "–"
    seconds = max(0.0, (timezone.now() - moment).total_seconds())
    words = "just now" if seconds < _MINUTE else f"{span(seconds)} ago"
    return format_html('<time datetime="{}" title="{}">{}</time>', *_exact(moment), words)


@register.filter
def since(moment: datetime | None) -> SafeString | str:
    """`5 min`: how long it has been, for columns whose head says `since`."""
    if moment is None:
        return "–"
    seconds = max(0.0, (timezone.now() - moment).total_seconds())
    return format_html('<time datetime="{}" title="{}">{}</time>', *_exact(moment), span(seconds))


def _exact(moment: datetime) -> tuple[str, str]:
    return moment.isoformat(timespec="seconds"), f"{moment:%d %b %Y %H:%M} UTC"


@register.filter
def day(value: date | None) -> str:
    """`21 Nov`, with the year where it is not this one."""
    if value is None:
        return "–"
    form = "{0.day} {0:%b}" if value.year == timezone.now().year else "{0.day} {0:%b %Y}"
    return form.format(value)
