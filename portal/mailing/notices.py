"""The outbox: mails are rows first, sent by a task, so that none is lost or asked for twice."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from portal import attempts, crash_points, jobs
from portal.mailing.smtp import Unanswered
from portal.models import Notice

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""Mail servers may take their time; yet a mail whose worker was killed goes out within 90 s."""

NOTING_PAUSE = 0.5
"""Seconds until it is tried again to note what has been sent."""

MOST_COPIES = 2
DOUBTFUL_PAUSE = 300.0
"""Seconds before the second copy, when nobody knows whether the first was taken."""


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str = ""
    stop_link: str = ""
    """Where its reader ends mails of this kind."""


class Obsolete(Exception):
    """What the mail was to say is no longer true: do not send it."""


class NotNow(Exception):
    """Not at this hour: look again at `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"not before {until.isoformat()}")
        self.until = until


Renderer = Callable[[Notice], Letter]
_RENDERERS: dict[str, Renderer] = {}


def register(kind: str, render: Renderer) -> None:
    """Say how notices of this kind become letters. `render` may raise Obsolete or NotNow."""
    _RENDERERS[kind] = render


def subject_of(notice: Notice) -> str:
    """What stands over the mail; empty for one whose words are not true any more."""
    try:
        return _RENDERERS[notice.kind](notice).subject
    except (Obsolete, NotNow, KeyError):
        return ""


def post(*, kind: str, key: str, to: str, about: str = "") -> Notice:
    """Put a mail into the outbox, in the caller's transaction. The same `key` is the same mail."""
    notice, is_new = Notice.objects.get_or_create(
        key=key,
        defaults={"kind": kind, "to": to, "about": about, "next_try_at": timezone.now()},
    )
    if is_new:
        jobs.enqueue_on_commit(notice)
    return notice


def send(pk: int) -> None:
    """Send one notice that is due. Sent, then noted: a crash in between costs a second copy."""
    attempts.carry_out(Notice, pk, _attempt, span=LEASE)


def _attempt(notice: Notice) -> None:
    """Raises: jobs.LeaseLost."""
    try:
        _deliver(notice, _RENDERERS[notice.kind](notice))
    except Obsolete as reason:
        jobs.give_up(notice, code="obsolete", reason=str(reason))
    except NotNow as wait:
        jobs.put_off(notice, until=wait.until)
    except (SMTPException, AnymailError, OSError) as error:
        _not_sent(notice, error)
    else:
        _note(notice, sent_at=timezone.now())


def _note(notice: Notice, *, sent_at: datetime) -> None:
    """The mail is out, and would go out again if that is not noted: while the row is ours, wait for
    a database that is away. Raises: jobs.LeaseLost."""
    while True:
        try:
            return jobs.finish(notice, sent_at=sent_at)
        except (OperationalError, InterfaceError):
            if notice.leased_until is None or timezone.now() > notice.leased_until:
                raise
            logger.warning("Notice %s: sent, and not noted yet", notice.pk)
            connection.close_if_unusable_or_obsolete()
            time.sleep(NOTING_PAUSE)


def _not_sent(notice: Notice, error: Exception) -> None:
    logger.warning("Notice %s not sent: %s", notice.pk, type(error).__name__)
    if _is_refused(error):
        refused = f"The mail server does not take mail for {notice.to}."
        jobs.give_up(notice, code="refused", reason=refused)
    elif isinstance(error, Unanswered):
        _doubt(notice)
    else:
        jobs.try_later(notice, code=type(error).__name__, reason=str(error), counts=False)


def _is_refused(error: Exception) -> bool:
    """For good: codes from 500 on. A 450 (greylisting, a full box) is asked again."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    if isinstance(error, SMTPDataError):
        return error.smtp_code >= 500
    return isinstance(error, AnymailRecipientsRefused)


def _doubt(notice: Notice) -> None:
    """Once more, and no third time: a server that takes and breaks off would send for ever."""
    jobs.write(notice, doubts=notice.doubts + 1)
    reason = "The mail server had the whole mail and broke off without an answer."
    if notice.doubts >= MOST_COPIES:
        jobs.give_up(notice, code="unanswered", reason=f"{reason} Twice: it may have arrived.")
    else:
        jobs.try_later(notice, code="unanswered", reason=reason, after=DOUBTFUL_PAUSE, counts=False)


def _deliver(notice: Notice, letter: Letter) -> None:
    # On one line, whatever somebody's name is made of: a header must not begin another.
    subject = " ".join(letter.subject.split())
    message = EmailMultiAlternatives(subject, letter.text, None, [notice.to])
    # The same id in every copy lets a mail program show a repeated one once.
    message.extra_headers["Message-ID"] = (
        f"<notice-{notice.pk}-{notice.created_at:%Y%m%d%H%M%S}@portal>"
    )
    message.extra_headers["Auto-Submitted"] = "auto-generated"  # asks for no note of an absence
    if letter.stop_link:
        message.extra_headers["List-Unsubscribe"] = f"<{letter.stop_link}>"
    if letter.html:
        message.attach_alternative(letter.html, "text/html")
    crash_points.reached("before-mail")
    message.send()
    crash_points.reached("after-mail")
