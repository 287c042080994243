"""What founders do with webhooks: add, change, switch, test, renew the secret, remove."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from portal import audit, jobs
from portal.models import Delivery, User, Webhook
from portal.webhooks import bodies, publishing
from portal.webhooks.events import TEST

MOST_WEBHOOKS = 20
MOST_TESTS = 5
TESTS_WITHIN = timedelta(minutes=1)


class TooMany(Exception):
    """The message says of what."""


def short_url(webhook: Webhook) -> str:
    """Where it leads, without what would let anybody else send there."""
    parts = urlsplit(webhook.url)
    rest = parts.path.strip("/") or parts.query
    return f"{parts.netloc}/…{rest[-4:]}" if len(rest) > 8 else parts.netloc


@transaction.atomic
def add(*, name: str, kind: str, url: str, events: Sequence[str], by: User) -> Webhook:
    """Raises: TooMany."""
    if Webhook.objects.count() >= MOST_WEBHOOKS:
        raise TooMany(f"{MOST_WEBHOOKS} webhooks are enough. Delete one first.")
    webhook = Webhook.objects.create(
        name=name, kind=kind, url=url, events=list(events), salt=secrets.token_hex(16)
    )
    audit.record("webhook.added", subject=_subject(webhook), actor=by, detail=_detail(webhook))
    return webhook


@transaction.atomic
def change(  # noqa: PLR0913  # all by keyword
    webhook: Webhook, *, name: str, kind: str, url: str, events: Sequence[str], by: User
) -> None:
    """An empty `url` leaves it as it is."""
    row = _held(webhook)
    before = (row.name, row.kind, row.url, row.events)
    row.name, row.kind, row.events = name, kind, list(events)
    row.url = url or row.url
    if before == (row.name, row.kind, row.url, row.events):
        return
    row.save(update_fields=["name", "kind", "url", "events"])
    audit.record("webhook.changed", subject=_subject(row), actor=by, detail=_detail(row))


@transaction.atomic
def switch(webhook: Webhook, *, on: bool, by: User) -> None:
    """Off: what waits is not sent any more, nor told later."""
    if Webhook.objects.filter(pk=webhook.pk, is_on=not on).update(is_on=on):
        action = "webhook.switched_on" if on else "webhook.switched_off"
        audit.record(action, subject=_subject(webhook), actor=by, detail={"name": webhook.name})


@transaction.atomic
def remove(webhook: Webhook, *, by: User) -> None:
    """The log of its messages goes with it; the audit log stays."""
    subject = _subject(webhook)
    if Webhook.objects.filter(pk=webhook.pk).delete()[0]:
        audit.record("webhook.removed", subject=subject, actor=by, detail={"name": webhook.name})


@transaction.atomic
def show_secret(webhook: Webhook, *, by: User) -> str | None:
    """The signing secret, to whoever asks first; None from then on."""
    unseen = Webhook.objects.filter(
        pk=webhook.pk, kind=Webhook.Kind.JSON, salt=webhook.salt, secret_shown_at=None
    )
    if not unseen.update(secret_shown_at=timezone.now()):
        return None
    audit.record("webhook.secret_shown", subject=_subject(webhook), actor=by)
    return bodies.secret_of(webhook)


@transaction.atomic
def renew_secret(webhook: Webhook, *, by: User) -> None:
    """Another secret from the next message on; it can be shown once."""
    row = _held(webhook)
    row.salt, row.secret_shown_at = secrets.token_hex(16), None
    row.save(update_fields=["salt", "secret_shown_at"])
    audit.record("webhook.secret_renewed", subject=_subject(row), actor=by)


@transaction.atomic
def test(webhook: Webhook, *, by: User) -> Delivery:
    """Send a message now, whatever is chosen. Raises: TooMany."""
    row, now = _held(webhook), timezone.now()
    recent = row.deliveries.filter(event=TEST, created_at__gt=now - TESTS_WITHIN)
    if recent.count() >= MOST_TESTS:
        raise TooMany(f"{MOST_TESTS} tests a minute are enough. Wait a moment.")
    sent = publishing.post(
        row,
        event=TEST,
        key=f"{TEST}:{secrets.token_hex(8)}",
        text=f"This is a test from {by}. It works.",
        path=reverse("webhook", args=[row.pk]),
    )
    audit.record("webhook.tested", subject=_subject(row), actor=by)
    return sent


@transaction.atomic
def send_again(webhook: Webhook, delivery_pk: int, *, by: User) -> bool:
    """Another round of attempts for a message that was given up; whether there is such a one."""
    given_up = webhook.deliveries.filter(pk=delivery_pk, sent_at=None, next_try_at=None)
    if not given_up.update(next_try_at=timezone.now(), attempts=0):
        return False
    jobs.enqueue_on_commit(webhook.deliveries.get(pk=delivery_pk))
    detail = {"delivery": delivery_pk}
    audit.record("webhook.sent_again", subject=_subject(webhook), actor=by, detail=detail)
    return True


def _held(webhook: Webhook) -> Webhook:
    """Raises: Webhook.DoesNotExist when it was removed meanwhile."""
    return Webhook.objects.select_for_update().get(pk=webhook.pk)


def _subject(webhook: Webhook) -> str:
    return f"webhook:{webhook.pk}"


def _detail(webhook: Webhook) -> dict[str, object]:
    """Of the address the host alone: the rest is as good as a password."""
    host = urlsplit(webhook.url).hostname or ""
    said = {"name": webhook.name, "kind": webhook.kind, "host": host, "events": webhook.events}
    return dict(said)
