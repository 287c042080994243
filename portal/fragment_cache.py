"""HTML that is kept by all that it was made of, and so never shown for anything else.

A part of a page is kept by its edition. What a figure shows follows from the end of the audit
log's chain, without whose event no member, plan or rule changes, and what else it was made of; a
part made of a few plain values has those for its edition. An edition is read before the rest, so
HTML is never older than the edition it is kept by. Every process keeps its own.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import Subquery
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from portal.models import AuditHead

Kept = TypeVar("Kept")


class Shelf(Generic[Kept]):
    """Has room for so many; what came first goes first."""

    every: ClassVar[list["Shelf[Any]"]] = []

    def __init__(self, room: int) -> None:
        self._room, self._lock = room, Lock()
        self.content: dict[Hashable, Kept] = {}
        self.every.append(self)

    def get(self, key: Hashable) -> Kept | None:
        return self.content.get(key)

    def put(self, key: Hashable, value: Kept) -> None:
        with self._lock:
            self.content[key] = value
            if len(self.content) > self._room:
                del self.content[next(iter(self.content))]


_parts: dict[str, Shelf[SafeString]] = defaultdict(lambda: Shelf(100))
"""By template."""


def columns() -> dict[str, Any]:
    """The chain's end as `edition`, to go with the company's row."""
    return {"edition": Subquery(AuditHead.objects.values("chain")[:1])}


def html(template: str, edition: Hashable, context: Callable[[], Any]) -> SafeString:
    """`template` with this context, both asked for only where the edition is new.

    The template sees no request: nothing in it belongs to one person or one visit.
    """
    made = _parts[template].get(edition)
    if made is None:
        made = render_to_string(template, context())
        _parts[template].put(edition, made)
    return made


def forget() -> None:
    """As in a process that has just started."""
    for shelf in Shelf.every:
        shelf.content.clear()
