"""Parts of pages that change only when something happens, kept as HTML until it does.

What a part shows follows from its edition: the end of the audit log's chain, without whose event no
member, plan or rule changes, and what else it was made of. Every process keeps its own; since the
edition is read before the rest, HTML is never older than the edition it is kept by. A part made of
a few plain values, like the plans in a form, has those for its edition.
"""

from collections.abc import Callable
from typing import Any

from django.core.cache import caches
from django.core.cache.utils import make_template_fragment_key
from django.db.models import Subquery
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from portal.models import AuditHead

SHELF = "pages"


def columns() -> dict[str, Any]:
    """The chain's end as `edition`, to go with the company's row."""
    return {"edition": Subquery(AuditHead.objects.values("chain")[:1])}


def html(template: str, edition: tuple[object, ...], context: Callable[[], Any]) -> SafeString:
    """`template` with this context, both asked for only where the edition is new.

    The template sees no request: nothing in it belongs to one person or one visit.
    """
    shelf, key = caches[SHELF], make_template_fragment_key(template, edition)
    made: str | None = shelf.get(key)
    if made is None:
        made = str(render_to_string(template, context()))
        shelf.set(key, made)
    return mark_safe(made)  # noqa: S308  # what a template has made
