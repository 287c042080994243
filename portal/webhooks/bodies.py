"""What is sent, and how its receiver can tell that it came from here. Pure."""

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac

from portal.models import Delivery, Webhook

SIGNATURE = "X-Portal-Signature"
TIMESTAMP = "X-Portal-Timestamp"


def secret_of(webhook: Webhook) -> str:
    """The signing secret: worked out anew each time, so that no database and no copy holds it.

    Receivers hold it too, so it stays what it was while the key that it came from is known.
    """
    oldest = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS][-1]
    worked_out = salted_hmac("portal.webhooks", webhook.salt, secret=oldest, algorithm="sha256")
    return f"whsec_{worked_out.hexdigest()}"


def sign(body: bytes, *, secret: str, timestamp: int) -> str:
    """HMAC-SHA256 over `timestamp.body`, so that an old message cannot be sent again as new."""
    signed = str(timestamp).encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def body_of(delivery: Delivery, *, company: str) -> bytes:
    is_slack = delivery.webhook.kind == Webhook.Kind.SLACK
    said = _for_slack(delivery, company) if is_slack else _for_programs(delivery, company)
    return json.dumps(said, ensure_ascii=False).encode()


def headers_of(delivery: Delivery, body: bytes, *, now: datetime) -> dict[str, str]:
    """Fresh for each attempt; the delivery's id stays, so that a second copy can be told."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "kiro-team-portal",
        "X-Portal-Event": delivery.event,
        "X-Portal-Delivery": str(delivery.uuid),
    }
    if delivery.webhook.kind == Webhook.Kind.JSON:
        timestamp = int(now.timestamp())
        secret = secret_of(delivery.webhook)
        headers[TIMESTAMP] = str(timestamp)
        headers[SIGNATURE] = sign(body, secret=secret, timestamp=timestamp)
    return headers


def _for_programs(delivery: Delivery, company: str) -> dict[str, Any]:
    return {
        "id": str(delivery.uuid),
        "event": delivery.event,
        "at": delivery.created_at.isoformat(timespec="seconds"),
        "company": company,
        **delivery.payload,
    }


def _for_slack(delivery: Delivery, company: str) -> dict[str, str]:
    text, link = _escape(delivery.payload["text"]), delivery.payload["link"]
    return {"text": f"*Kiro at {_escape(company)}*: {text}\n<{link}|Open the portal>"}


def _escape(text: str) -> str:
    """Slack's three signs, so that a member named `<!channel>` calls nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
