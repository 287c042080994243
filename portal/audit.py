"""The audit log: who did what to whom. Append-only; an edit, a removal or a swap shows in `verify`.

Each event carries an HMAC over itself and the event before, keyed by `SECRET_KEY`, so that nobody
with the database alone can rewrite history unnoticed.
"""

import json
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.models import AuditEvent, User

SYSTEM = "portal"
_CHAIN_LOCK = 4_804_201  # any number that no other advisory lock of ours uses


@transaction.atomic
def record(  # noqa: PLR0913  # an event is what it is, all by keyword
    action: str,
    *,
    subject: str = "",
    actor: User | None = None,
    detail: dict[str, Any] | None = None,
    aws_request_id: str = "",
    at: datetime | None = None,
) -> AuditEvent:
    """Append one event, in the caller's transaction; call it last, since it holds the chain.

    `actor`: None for the portal's own jobs. `subject`: `member:12`. `detail`: JSON, no secrets.
    `at`: now, but for the sample company's history.
    """
    _hold_chain()
    last = AuditEvent.objects.order_by("-pk").values_list("chain", flat=True).first() or ""
    event = AuditEvent(
        at=at or timezone.now(),
        actor=actor.email if actor else SYSTEM,
        action=action,
        subject=subject,
        detail=detail or {},
        aws_request_id=aws_request_id,
    )
    event.chain = _link(event, last)
    event.save()
    return event


def _hold_chain() -> None:
    """One writer at a time until commit. SQLite's immediate transactions already see to it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])


def _link(event: AuditEvent, before: str) -> str:
    said = [
        before,
        event.at.isoformat(),
        event.actor,
        event.action,
        event.subject,
        event.detail,
        event.aws_request_id,
    ]
    text = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return salted_hmac("portal.audit", text, algorithm="sha256").hexdigest()


def verify() -> AuditEvent | None:
    """The first event that does not follow from the one before, or None when all do."""
    before = ""
    for event in AuditEvent.objects.order_by("pk").iterator():
        if event.chain != _link(event, before):
            return event
        before = event.chain
    return None
