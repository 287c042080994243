"""How often somebody may ask: counted in Redis in one step each, per person and per address.

The table below is all of it. Only what changes something or tries a secret counts, never a page
that is looked at. Without Redis each process counts for itself, so that nobody is locked out.
"""

import ipaddress
import logging
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import limits
import redis
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.crypto import salted_hmac

from portal.logs import trace
from portal.middleware import GetResponse
from portal.models import User, normalise_email

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests of one kind; `person` is who is signed in, or whose e-mail is typed."""

    kind: str
    person: str
    address: str


SIGN_IN = Limit("sign-in", person="10/10 minutes", address="100/10 minutes")
CODE = Limit("code", person="30/10 minutes", address="60/10 minutes")
REFRESH = Limit("refresh", person="60/10 minutes", address="120/10 minutes")
IMPORT = Limit("import", person="120/10 minutes", address="240/10 minutes")
QUESTION = Limit("question", person="60/10 minutes", address="300/10 minutes")

LIMITED = {
    "account_login": SIGN_IN,
    "account_request_login_code": SIGN_IN,
    "account_reset_password": SIGN_IN,
    "saml_acs": CODE,
    "account_confirm_login_code": CODE,
    "account_reauthenticate": CODE,
    "mfa_authenticate": CODE,
    "mfa_reauthenticate": CODE,
    "mfa_login_webauthn": CODE,
    "mfa_reauthenticate_webauthn": CODE,
    "confirm": CODE,
    "one-time-link": CODE,
    "billing:spend-refresh": REFRESH,
    "billing:credits-read": REFRESH,
    "onboarding:drift-check": REFRESH,
    "onboarding:setup-preflight": REFRESH,
    "onboarding:import": IMPORT,
    "onboarding:import-confirm": IMPORT,
    "onboarding:setup-troubleshoot": QUESTION,
    "onboarding:help": QUESTION,
}
"""The name of an address → how often it may be posted to."""


class LimitMiddleware:
    """Answers 429, with the seconds to wait, to whoever asks too often."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponseBase | None:
        match = request.resolver_match
        limit = LIMITED.get(match.view_name) if match else None
        if limit is None or request.method != "POST":
            return None
        wait = seconds_to_wait(request, limit)
        return too_many(request, wait=wait) if wait else None


def too_many(request: HttpRequest, *, wait: int) -> HttpResponseBase:
    response = render(request, "429.html", {"minutes": -(-wait // 60)}, status=429)
    response.headers["Retry-After"] = str(wait)
    return response


def seconds_to_wait(request: HttpRequest, limit: Limit) -> int:
    """Count this request; 0 when it may go on."""
    counts = [(limit.address, "address", _network(client_address(request)))]
    person = _person(request)
    if person:
        counts.append((limit.person, "person", person))
    return max(_count(limits.parse(rate), limit.kind, *of) for rate, *of in counts)


def client_address(request: HttpRequest) -> str:
    """Where the request comes from; a socket file tells nothing, and is one place for all."""
    return trace.address_of(request) or "0.0.0.0"  # noqa: S104  # nothing is bound to it


def _network(address: str) -> str:
    """An IPv6 customer has 2^64 addresses to choose from: they count as one."""
    found = ipaddress.ip_address(address)
    if found.version == 4:
        return address
    return str(ipaddress.ip_network((address, 64), strict=False))


def _person(request: HttpRequest) -> str:
    """Who is asking, or for whom; an e-mail is hashed, since Redis needs none."""
    if isinstance(request.user, User):
        return f"user-{request.user.pk}"
    typed = request.POST.get("email") or request.POST.get("login") or ""
    if not typed:
        return ""
    return salted_hmac("portal.limits", normalise_email(typed), algorithm="sha256").hexdigest()


# Counting --------------------------------------------------------------------------------------

_PATIENCE = 0.25
_PAUSE = 5.0
"""Seconds for which Redis is left alone after it did not answer."""


@lru_cache
def _shared() -> limits.strategies.RateLimiter:
    storage = limits.storage.storage_from_string(
        settings.REDIS_URL, socket_connect_timeout=_PATIENCE, socket_timeout=_PATIENCE
    )
    return limits.strategies.MovingWindowRateLimiter(storage)


_alone = limits.strategies.MovingWindowRateLimiter(limits.storage.MemoryStorage())
_away_until = 0.0


def _count(rate: limits.RateLimitItem, *of: str) -> int:
    """Seconds until this one is free again; 0 when the request is within its rate."""
    global _away_until  # noqa: PLW0603  # one for the process
    if time.monotonic() >= _away_until:
        try:
            return _count_with(_shared(), rate, *of)
        except redis.RedisError:
            _away_until = time.monotonic() + _PAUSE
            logger.warning("Redis is out of reach: counting requests in this process alone")
    return _count_with(_alone, rate, *of)


def _count_with(counter: limits.strategies.RateLimiter, rate: Any, *of: str) -> int:
    if counter.hit(rate, "portal", *of):
        return 0
    free_at = counter.get_window_stats(rate, "portal", *of).reset_time
    return max(1, int(free_at - time.time()) + 1)
