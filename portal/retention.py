"""How long audit events are kept: whole months. The oldest leave, and the chain stays whole."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from portal import audit
from portal.models import AuditEvent, AuditHead


def purge(*, now: datetime) -> int:
    """Remove what is older than `AUDIT_RETENTION_MONTHS`; how many events that was.

    The head remembers, sealed, how many events have left and what the first one left follows
    from, so that `audit.verify` tells a purge from a removal. The purge is an event itself.
    """
    months = settings.AUDIT_RETENTION_MONTHS
    return _cut_before(_months_before(now, months)) if months else 0


def _months_before(now: datetime, months: int) -> datetime:
    """The first of a month, so that a month leaves as a whole."""
    count = now.year * 12 + now.month - 1 - months
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first.replace(year=count // 12, month=count % 12 + 1)


@transaction.atomic
def _cut_before(day: datetime) -> int:
    head = audit.hold_head()
    old = AuditEvent.objects.filter(at__lt=day)
    if kept := AuditEvent.objects.filter(at__gte=day).order_by("pk").first():
        old = old.filter(pk__lt=kept.pk)
    last = old.order_by("pk").last()
    if last is None:
        return 0
    removed = old.cut_off()
    _move_start(head, removed, last)
    detail = {"events": removed, "before": day.date().isoformat()}
    audit.record("activity.purged", detail=detail)
    return removed


def _move_start(head: AuditHead, removed: int, last: AuditEvent) -> None:
    head.removed, head.anchor = head.removed + removed, last.chain
    audit.seal(head)
