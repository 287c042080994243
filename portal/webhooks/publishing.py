"""Telling whoever wants to know: one delivery for each webhook that has chosen the event."""

from typing import Any

from django.conf import settings
from django.utils import timezone

from portal import jobs
from portal.models import Delivery, Webhook
from portal.webhooks.events import Event


def publish(
    event: Event, *, key: str, text: str, path: str, data: dict[str, Any] | None = None
) -> None:
    """Put it into the outbox, in the caller's transaction. The same `key` is told once.

    `text`: one or two sentences for a person. `path`: the page to look at. `data`: the same for
    programs; neither addresses nor secrets, since it goes to somebody else's server.
    """
    for webhook in Webhook.objects.filter(is_on=True):
        if event in webhook.events:
            post(webhook, event=event, key=key, text=text, path=path, data=data)


def post(  # noqa: PLR0913  # all by keyword
    webhook: Webhook,
    *,
    event: str,
    key: str,
    text: str,
    path: str,
    data: dict[str, Any] | None = None,
) -> Delivery:
    """One delivery to one webhook; the one that is there when the key is known."""
    now = timezone.now()
    payload = {"text": text, "link": settings.BASE_URL + path, "data": data or {}}
    delivery, is_new = Delivery.objects.get_or_create(
        webhook=webhook,
        key=key,
        defaults={"event": event, "payload": payload, "created_at": now, "next_try_at": now},
    )
    if is_new:
        jobs.enqueue_on_commit(delivery)
    return delivery
