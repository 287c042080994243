"""The audit log as a page and as CSV: who did what, when, filtered."""

from collections.abc import Iterator

from django.db.models import QuerySet

from portal.models import AuditEvent

EXPORT = ["at", "actor", "action", "subject", "detail", "aws_request_id"]


def select(*, actor: str = "", action: str = "", subject: str = "") -> QuerySet[AuditEvent]:
    """The newest first. `action` may be the beginning of one: `member.`."""
    events = AuditEvent.objects.all()
    if actor:
        events = events.filter(actor__icontains=actor)
    if action:
        events = events.filter(action__startswith=action)
    if subject:
        events = events.filter(subject=subject)
    return events


def export(events: QuerySet[AuditEvent]) -> Iterator[list[object]]:
    for event in events.iterator(chunk_size=1000):
        detail = ", ".join(f"{key}: {value}" for key, value in event.detail.items())
        yield [event.at, event.actor, event.action, event.subject, detail, event.aws_request_id]
