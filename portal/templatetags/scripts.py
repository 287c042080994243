"""Scripts with the hash of their content: a browser runs nothing else in their place."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def script(name: str) -> SafeString:
    """`{% script 'js/portal.js' %}`."""
    return _tag_of(name) if settings.DEBUG else _remembered_tag_of(name)


def _tag_of(name: str) -> SafeString:
    tag = '<script src="{}" integrity="{}" defer></script>'
    return format_html(tag, static(name), _hash_of(name))


def _hash_of(name: str) -> str:
    digest = hashlib.sha384(_path_of(name).read_bytes()).digest()
    return f"sha384-{base64.b64encode(digest).decode()}"


_remembered_tag_of = cache(_tag_of)


def _path_of(name: str) -> Path:
    """The file as it is served: gathering may rewrite it."""
    if isinstance(staticfiles_storage, ManifestFilesMixin):
        return Path(staticfiles_storage.path(staticfiles_storage.stored_name(name)))
    found = finders.find(name)
    if found is None:
        raise template.TemplateSyntaxError(f"There is no script {name}.")
    return Path(found)
