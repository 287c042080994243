"""Browsers by name, so that one knows one's own devices apart."""

from django import template

register = template.Library()

_BROWSERS = {"Edg": "Edge", "Firefox": "Firefox", "Chrom": "Chrome", "Safari": "Safari"}
_SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


@register.filter
def browser(user_agent: str) -> str:
    """`Firefox on Windows`, or what can be told of it; a browser says what it likes."""
    name = next((_BROWSERS[mark] for mark in _BROWSERS if mark in user_agent), "A browser")
    system = next((_SYSTEMS[mark] for mark in _SYSTEMS if mark in user_agent), "")
    return f"{name} on {system}" if system else name
