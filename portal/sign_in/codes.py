"""Mailed codes: the newest alone counts, 5 tries, 10 minutes, once. No code lies in the database.

Tries and the one use are taken by conditional statements, so that guesses sent at the same moment
get no more of them. An address that nobody here has gets a row too: one cannot tell them apart.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils.crypto import salted_hmac

from portal.models import MailedCode, normalise_email

GOOD_FOR = timedelta(minutes=10)
TRIES = 5


def remember(*, whom: str, code: str, now: datetime, browser: str = "") -> None:
    """This code is the newest for them; the one before is void. Old rows go."""
    MailedCode.objects.filter(asked_at__lt=now - GOOD_FOR).delete()
    MailedCode.objects.filter(whom__in=_digests(normalise_email(whom))[1:]).delete()
    MailedCode.objects.update_or_create(
        whom=_digests(normalise_email(whom))[0],
        defaults={"digest": _digests(_plain(code), browser)[0], "tries": 0, "asked_at": now},
    )


def count_try(*, whom: str, now: datetime) -> bool:
    """Take one of the tries; False when none is left or the time is over."""
    found = MailedCode.objects.filter(
        whom__in=_digests(normalise_email(whom)), tries__lt=TRIES, asked_at__gt=now - GOOD_FOR
    )
    return bool(found.update(tries=F("tries") + 1))


def take(*, whom: str, code: str, now: datetime, browser: str = "") -> bool:
    """Whether this is the code; then it is used up, for one request alone."""
    if not count_try(whom=whom, now=now):
        return False
    found = MailedCode.objects.filter(
        whom__in=_digests(normalise_email(whom)), digest__in=_digests(_plain(code), browser)
    )
    return bool(found.delete()[0])


def _plain(code: str) -> str:
    """Case, spaces and the dash are for reading alone."""
    return "".join(code.split()).replace("-", "").upper()


def _digests(*said: str) -> list[str]:
    """Under today's key, and under the former ones: a code outlives a change of the key."""
    keys, text = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS], "\0".join(said)
    hashes = (salted_hmac("portal.codes", text, secret=key, algorithm="sha256") for key in keys)
    return [each.hexdigest() for each in hashes]
