"""The audit log: who did what to whom, from where, and how it ended. Append-only.

Each event carries an HMAC over itself and the event before, keyed by `SECRET_KEY`, so that nobody
with the database alone can rewrite history unnoticed: `verify` finds an edit, a removal, a swap.
What was written under a former key holds while that stands in `SECRET_KEY_FALLBACKS`.
Old events leave from the start only (`portal.retention`), and the head seals where it starts now.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain as joined
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from portal.logs import trace
from portal.models import AuditEvent, AuditHead, User

Result = AuditEvent.Result
SYSTEM = "portal"


@transaction.atomic
def record(  # noqa: PLR0913  # an event is what it is, all by keyword
    action: str,
    *,
    subject: str = "",
    actor: User | None = None,
    detail: dict[str, Any] | None = None,
    aws_request_id: str = "",
    result: Result = Result.DONE,
    at: datetime | None = None,
) -> AuditEvent:
    """Append one event, in the caller's transaction; call it last, since it holds the chain.

    `actor`: None for the portal's own jobs. `subject`: `member:12`. `detail`: JSON, no secrets.
    `at`: now, but for the sample company's history. From where, the trace knows (`logs.trace`).
    """
    head = hold_head()
    event = AuditEvent(
        at=at or timezone.now(),
        actor=actor.email if actor else SYSTEM,
        action=action,
        subject=subject,
        detail=detail or {},
        aws_request_id=aws_request_id,
        result=result,
        origin=trace.origin(),
    )
    event.chain = _link(event, head.chain)
    event.save()
    _move_head(head, [event])
    return event


@dataclass(frozen=True, slots=True)
class Entry:
    """One of many events that are recorded together."""

    action: str
    subject: str
    detail: dict[str, Any]


@transaction.atomic
def record_many(entries: Iterable[Entry], *, actor: User | None = None) -> None:
    """Append the events in this order, in the caller's transaction: few queries however many."""
    head = hold_head()
    chain, events, now = head.chain, [], timezone.now()
    who, origin = actor.email if actor else SYSTEM, trace.origin()
    for entry in entries:
        event = AuditEvent(
            at=now,
            actor=who,
            action=entry.action,
            subject=entry.subject,
            detail=entry.detail,
            origin=origin,
        )
        event.chain = chain = _link(event, chain)
        events.append(event)
    AuditEvent.objects.bulk_create(events)
    _move_head(head, events)


def hold_head() -> AuditHead:
    """The chain's end, held until commit: one writer at a time."""
    AuditHead.objects.get_or_create(pk=1)
    return AuditHead.objects.select_for_update().get(pk=1)


def _move_head(head: AuditHead, events: list[AuditEvent]) -> None:
    if events:
        head.count, head.chain = head.count + len(events), events[-1].chain
        seal(head)


def seal(head: AuditHead) -> None:
    head.seal = _seal_of(head)
    head.save()


def _seal_of(head: AuditHead, key: str | None = None) -> str:
    """Ties the number of events to the first and the last one: cutting off an end shows too."""
    said = f"{head.count} {head.chain}"
    if head.removed:
        said += f" {head.removed} {head.anchor}"
    return salted_hmac("portal.audit.head", said, secret=key, algorithm="sha256").hexdigest()


def _link(event: AuditEvent, before: str, key: str | None = None) -> str:
    said = [
        before,
        event.at.isoformat(),
        event.actor,
        event.action,
        event.subject,
        event.detail,
        event.aws_request_id,
    ]
    # Events from before these were kept have neither, and are linked as they were then.
    if event.origin or event.result != Result.DONE:
        said += [event.origin, str(event.result)]
    text = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return salted_hmac("portal.audit", text, secret=key, algorithm="sha256").hexdigest()


class Broken(Exception):
    """The log is not as it was written; the message says where."""


def verify() -> int:
    """How many events there are, each following from the one before. Raises: Broken."""
    head, events = _as_of_now()
    before, count = head.anchor, head.removed
    for event in events:
        if not _is_signed(event.chain, partial(_link, event, before)):
            raise Broken(
                f"Event {event.pk} ({event.action}, {event.at:%d %b %Y %H:%M} UTC) does not follow"
                " from the one before: it, or one before it, was changed."
            )
        before, count = event.chain, count + 1
    is_whole = (head.count, head.chain) == (count, before)
    if not is_whole or (count and not _is_signed(head.seal, partial(_seal_of, head))):
        raise Broken(f"{count} events are there, {head.count} were written: the end is cut off.")
    return count - head.removed


def _as_of_now() -> tuple[AuditHead, Iterator[AuditEvent]]:
    """The head and all events of one moment, so in one statement: others go on writing."""
    empty = AuditHead.objects.filter(pk=1).first() or AuditHead()
    names = [field.attname for field in AuditHead._meta.concrete_fields]
    kept = {f"head_{name}": AuditHead.objects.filter(pk=1).values(name) for name in names}
    events = AuditEvent.objects.annotate(**kept).order_by("pk").iterator()
    first = next(events, None)
    if first is None:
        return empty, events
    head = AuditHead(**{name: getattr(first, f"head_{name}") for name in names})
    return head, joined([first], events)


def _is_signed(value: str, sign: Callable[[str], str]) -> bool:
    """With the key of today, or with one of those before."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(value, sign(key)) for key in keys)
