"""What became of the messages, for the pages."""

from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from portal.models import Delivery, Webhook
from portal.webhooks import hooks
from portal.webhooks.events import Event, label_of

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Badge:
    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    delivery: Delivery
    label: str
    badge: Badge
    can_send_again: bool


@dataclass(frozen=True, slots=True)
class Row:
    webhook: Webhook
    short_url: str
    chosen: int
    of: int
    badge: Badge


OFF, NEW = Badge("quiet", "Off"), Badge("info", "Nothing sent yet")
SENT, WAITING = Badge("good", "Delivered"), Badge("info", "On its way")
RETRYING, GIVEN_UP = Badge("warn", "Will be tried again"), Badge("bad", "Not delivered")


def badge_of(delivery: Delivery) -> Badge:
    if delivery.sent_at:
        return SENT
    if delivery.next_try_at is None:
        return OFF if delivery.failure_code == "off" else GIVEN_UP
    return RETRYING if delivery.failure_code else WAITING


def of(webhook: Webhook) -> dict[str, Any]:
    """The last messages; `is_in_work` while one of them may change by itself soon."""
    found = list(webhook.deliveries.all()[:MOST_SHOWN])
    lines = [Line(one, label_of(one.event), badge_of(one), _can_send_again(one)) for one in found]
    return {"lines": lines, "is_in_work": any(line.badge == WAITING for line in lines)}


def _can_send_again(delivery: Delivery) -> bool:
    return badge_of(delivery) == GIVEN_UP


def overview() -> list[Row]:
    """All webhooks, each with what became of its last message; two queries."""
    last = Delivery.objects.filter(webhook=OuterRef("pk")).order_by("-created_at", "-pk")
    webhooks = list(Webhook.objects.annotate(last_pk=Subquery(last.values("pk")[:1])))
    lasts: QuerySet[Delivery] = Delivery.objects.filter(pk__in=[each.last_pk for each in webhooks])
    by_webhook = {each.webhook_id: each for each in lasts}
    return [_row(webhook, by_webhook.get(webhook.pk)) for webhook in webhooks]


def _row(webhook: Webhook, last: Delivery | None) -> Row:
    state = badge_of(last) if last else NEW
    return Row(
        webhook=webhook,
        short_url=hooks.short_url(webhook),
        chosen=len(webhook.events),
        of=len(Event),
        badge=state if webhook.is_on else OFF,
    )
