"""One attempt at delivering a message; what its outcome means, in words for the log."""

from datetime import datetime, timedelta

from django.utils import timezone

from portal import attempts, crash_points, jobs
from portal.models import Delivery, Workspace
from portal.webhooks import bodies, sending
from portal.webhooks.events import TEST
from portal.webhooks.sending import Answer, NotDelivered

PAUSES = (60, 300, 900, 3600, 3 * 3600, 8 * 3600, 24 * 3600)
"""Seconds between the attempts: eight attempts over a day and a half."""

LONGEST_ASKED = 3600
KEPT = timedelta(days=30)
_MOST_QUOTED = 120
_TRY_AGAIN = {408, 409, 425, 429}
_MEANINGS = {
    401: "It does not let the portal in",
    403: "It does not let the portal in",
    404: "There is no such webhook any more",
    410: "There is no such webhook any more",
    413: "The message is too long for it",
    429: "It is told too much at once",
}


def deliver(pk: int) -> None:
    """Send one delivery that is due. Sent, then noted: a crash in between costs a second copy."""
    attempts.carry_out(Delivery, pk, _attempt)


def _attempt(delivery: Delivery) -> None:
    """Raises: jobs.LeaseLost."""
    webhook = delivery.webhook
    if not webhook.is_on and delivery.event != TEST:
        jobs.give_up(delivery, code="off", reason="The webhook was switched off.")
        return
    now = timezone.now()
    jobs.write(delivery, attempts=delivery.attempts + 1, tried_at=now, status_code=None)
    body = bodies.body_of(delivery, company=Workspace.load().company_name)
    headers = bodies.headers_of(delivery, body, now=now)
    try:
        answer = _post(webhook.url, body, headers)
    except NotDelivered as failure:
        _fail(delivery, code="not-delivered", reason=str(failure), is_final=failure.is_final)
    else:
        _settle(delivery, answer)


def _post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Raises: NotDelivered."""
    crash_points.reached("before-webhook")
    answer = sending.post(url, body=body, headers=headers)
    crash_points.reached("after-webhook")
    return answer


def _settle(delivery: Delivery, answer: Answer) -> None:
    jobs.write(delivery, status_code=answer.status)
    if 200 <= answer.status < 300:
        jobs.finish(delivery, sent_at=timezone.now())
        return
    _fail(
        delivery,
        code=f"status-{answer.status}",
        reason=in_plain_words(answer),
        is_final=answer.status < 500 and answer.status not in _TRY_AGAIN,
        after=_asked_for(answer),
    )


def _fail(
    delivery: Delivery, *, code: str, reason: str, is_final: bool, after: float = 0.0
) -> None:
    """A test is tried once: whoever pressed the button waits for the verdict."""
    is_last = delivery.event == TEST or delivery.attempts > len(PAUSES)
    if is_final or is_last:
        jobs.give_up(delivery, code=code, reason=reason)
        return
    pause = max(after, PAUSES[delivery.attempts - 1])
    jobs.try_later(delivery, code=code, reason=reason, after=pause, counts=False)


def in_plain_words(answer: Answer) -> str:
    """Pure. A redirect is a failure: where it leads, nobody has checked."""
    if 300 <= answer.status < 400:
        return f"It answered {answer.status}, a redirect. The portal follows none."
    meaning = _MEANINGS.get(answer.status, "")
    if not meaning:
        meaning = "It failed by itself" if answer.status >= 500 else "It refused the message"
    said = "".join(filter(str.isprintable, answer.text)).strip()[:_MOST_QUOTED]
    return f"{meaning}: it answered {answer.status}" + (f", “{said}”." if said else ".")


def _asked_for(answer: Answer) -> float:
    """Seconds, where the other side names them and they are no joke."""
    asked = answer.retry_after
    return min(float(asked), LONGEST_ASKED) if asked.isascii() and asked.isdigit() else 0.0


def forget_old(*, now: datetime) -> int:
    """Take settled messages out of the log after a while; how many."""
    old = Delivery.objects.filter(created_at__lt=now - KEPT, next_try_at=None)
    return old.delete()[0]
