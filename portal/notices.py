"""The outbox: mails are rows first, sent by a task, so that none is lost or asked for twice."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from smtplib import SMTPException, SMTPRecipientsRefused

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from portal import jobs
from portal.models import Notice

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str = ""


class Obsolete(Exception):
    """What the mail was to say is no longer true: do not send it."""


Renderer = Callable[[Notice], Letter]
_RENDERERS: dict[str, Renderer] = {}


def register(kind: str, render: Renderer) -> None:
    """Say how notices of this kind become letters. `render` may raise Obsolete."""
    _RENDERERS[kind] = render


def post(*, kind: str, key: str, to: str, about: str = "") -> Notice:
    """Put a mail into the outbox, in the caller's transaction. The same `key` is the same mail."""
    notice, is_new = Notice.objects.get_or_create(
        key=key,
        defaults={"kind": kind, "to": to, "about": about, "next_try_at": timezone.now()},
    )
    if is_new:
        jobs.ring_on_commit(notice)
    return notice


def send(pk: int) -> None:
    """Send one notice that is due. Sent, then noted: a crash in between costs a second copy."""
    notice = jobs.claim(Notice, pk)
    if notice is None:
        return
    try:
        letter = _RENDERERS[notice.kind](notice)
        _deliver(notice, letter)
    except Obsolete as reason:
        jobs.give_up(notice, code="obsolete", reason=str(reason))
    except (SMTPRecipientsRefused, AnymailRecipientsRefused):
        refused = f"The mail server does not take mail for {notice.to}."
        jobs.give_up(notice, code="refused", reason=refused)
    except (SMTPException, AnymailError, OSError) as error:
        logger.warning("Notice %s not sent: %s", pk, type(error).__name__)
        jobs.try_later(notice, code=type(error).__name__, reason=str(error), counts=False)
    else:
        jobs.finish(notice, sent_at=timezone.now())


def _deliver(notice: Notice, letter: Letter) -> None:
    message = EmailMultiAlternatives(letter.subject, letter.text, None, [notice.to])
    # The same id in every copy lets a mail program show a repeated one once.
    message.extra_headers["Message-ID"] = (
        f"<notice-{notice.pk}-{notice.created_at:%Y%m%d%H%M%S}@portal>"
    )
    if letter.html:
        message.attach_alternative(letter.html, "text/html")
    message.send()
