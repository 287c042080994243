"""`{% url %}` and `{% static %}` as Django has them, looked up once a process.

A page names a dozen or two of them, which took more than a tenth of all its time. An address with
arguments is looked up each time.
"""

from functools import cache
from typing import Any

from django import template
from django.conf import settings
from django.template import defaulttags
from django.template.base import Parser, Token
from django.templatetags.static import static
from django.urls import NoReverseMatch, get_script_prefix, reverse

register = template.Library()


class _FixedAddress(defaulttags.URLNode):
    def render(self, context: template.Context) -> str:
        name = self.view_name.resolve(context)
        found = _address(name, settings.ROOT_URLCONF, get_script_prefix())
        if not found:
            return super().render(context)
        if self.asvar:
            context[self.asvar] = found
            return ""
        return found


@cache
def _address(name: str, _urls: str, _prefix: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@register.tag
def url(parser: Parser, token: Token) -> Any:
    node = defaulttags.url(parser, token)
    if node.args or node.kwargs:
        return node
    return _FixedAddress(node.view_name, [], {}, node.asvar)


register.simple_tag(cache(static), name="static")
