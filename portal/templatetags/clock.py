"""Moments that are yet to come."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.templatetags import portal

register = template.Library()


@register.filter
def ahead(moment: datetime | None) -> SafeString | str:
    """`in 5 min` with the exact moment behind it; `now` for what is due."""
    if moment is None:
        return "–"
    seconds = (moment - timezone.now()).total_seconds()
    words = "now" if seconds < 1 else f"in {portal.span(seconds)}"
    exact, shown = moment.isoformat(timespec="seconds"), f"{moment:%d %b %Y %H:%M} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', exact, shown, words)
