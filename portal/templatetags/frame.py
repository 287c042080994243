"""The list of pages beside every page, made once for each place in it."""

from typing import NamedTuple

from django import template
from django.utils.safestring import SafeString

from portal import fragment_cache

register = template.Library()


class Place(NamedTuple):
    """All that the list depends on."""

    path: str
    trouble: int
    """How many members a founder should look at; 0 for everybody else."""
    has_access_page: bool


@register.simple_tag(takes_context=True)
def nav(context: template.Context) -> SafeString:
    trouble = 0 + context["nav_trouble"]  # a number, where the context has a promise of one
    place = Place(context["request"].path, trouble, context["has_access_page"])
    return fragment_cache.html("components/nav.html", place, lambda: {"place": place})
