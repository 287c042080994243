"""The audit log as a page and as CSV: who did what, when, from where, filtered."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from django import forms
from django.db.models import Q, QuerySet

from portal.models import AuditEvent
from portal.pages import activity_page

EXPORT = ["at", "actor", "action", "subject", "detail", "aws_request_id"]
_EARLIEST, _LATEST = date(2000, 1, 1), date(9998, 12, 31)


class FilterForm(forms.Form):
    """What `/activity/` may be asked for; what makes no sense is left out."""

    actor = forms.CharField(max_length=100, required=False)
    action = forms.CharField(max_length=60, required=False)
    subject = forms.CharField(max_length=60, required=False)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)


def select(
    *,
    actor: str = "",
    action: str = "",
    subject: str = "",
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[AuditEvent]:
    """The newest first. `action` is the beginning of one (`member.`) or words of its sentence,
    `subject` one (`member:12`) or a name or e-mail. Both days are included."""
    events = AuditEvent.objects.all()
    if actor:
        events = events.filter(actor__icontains=actor.casefold().removeprefix("the "))
    if action:
        said = Q(action__in=activity_page.actions_saying(action))
        events = events.filter(said | Q(action__startswith=action))
    if subject:
        named = [] if ":" in subject else activity_page.subjects_named(subject)
        events = events.filter(subject__in=[subject, *named])
    if since:
        events = events.filter(at__gte=_start_of(since))
    if until:
        events = events.filter(at__lt=_start_of(until) + timedelta(days=1))
    return events


def _start_of(day: date) -> datetime:
    return datetime.combine(min(max(day, _EARLIEST), _LATEST), time.min, UTC)


def export(events: QuerySet[AuditEvent]) -> Iterator[list[object]]:
    for event in events.iterator(chunk_size=1000):
        yield [
            event.at,
            event.actor,
            event.action,
            event.subject,
            _told(event),
            event.aws_request_id,
        ]


def _told(event: AuditEvent) -> str:
    """The detail; the columns are fixed, so how it ended and from where stand here as well."""
    told = [f"{key}: {value}" for key, value in event.detail.items()]
    if event.result != AuditEvent.Result.DONE:
        told.append(f"result: {event.result}")
    if event.origin:
        told.append(f"from: {event.origin}")
    return ", ".join(told)
