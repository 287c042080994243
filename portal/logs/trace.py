"""The trace: which request, job or command log lines and audit events belong to.

Each has an id, made here; a job that a request asked for goes on under the request's id, so that
one search finds the lines of both.
"""

import ipaddress
import re
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest

_GIVEN_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")
_LONGEST_ORIGIN = 100


def _nobody() -> int | None:
    return None


@dataclass(frozen=True, slots=True)
class Trace:
    """`origin`: a browser's address, a task's name, or a command's (`manage.py founder`)."""

    id: str
    origin: str
    user_id: Callable[[], int | None] = _nobody


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current() -> Trace | None:
    return _current.get()


def origin() -> str:
    """Where what happens now comes from; outside of requests and jobs, the command's name."""
    trace = _current.get()
    return (trace.origin if trace else _command())[:_LONGEST_ORIGIN]


def _command() -> str:
    if Path(sys.argv[0]).name != "manage.py" or len(sys.argv) == 1:
        return ""
    return f"manage.py {sys.argv[1]}"


@contextmanager
def active(trace: Trace) -> Iterator[Trace]:
    """Until the end of the block, every line and event belongs to this trace."""
    token = _current.set(trace)
    try:
        yield trace
    finally:
        _current.reset(token)


def new_id() -> str:
    return secrets.token_hex(8)


# Requests --------------------------------------------------------------------------------------


def of_request(request: HttpRequest) -> Trace:
    return Trace(_given_id(request) or new_id(), address_of(request), lambda: _user_id(request))


def _given_id(request: HttpRequest) -> str:
    """The id under which our own proxy knows the request; nobody else may choose one."""
    said = request.headers.get("X-Request-ID", "") if settings.TRUSTED_PROXY_HOPS else ""
    return said if _GIVEN_ID.fullmatch(said) else ""


def address_of(request: HttpRequest) -> str:
    """Where the request comes from, behind exactly as many proxies as are configured.

    Each proxy adds the address it sees at the end; what stands before those is anybody's claim.
    """
    seen, hops = request.META.get("REMOTE_ADDR", ""), settings.TRUSTED_PROXY_HOPS
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if hops and len(forwarded) >= hops:
        seen = forwarded[-hops].strip()
    try:
        return str(ipaddress.ip_address(seen))
    except ValueError:  # a socket file has none
        return ""


def _user_id(request: HttpRequest) -> int | None:
    """Only when somebody has looked already: a log line must not cost a query."""
    user = getattr(request, "_cached_user", None)
    return user.pk if user is not None else None
