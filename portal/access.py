"""Who may open what. A page that is not yours answers like a page that is not there."""

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from portal.models import User
from portal.sign_in import confirmation

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def user_of(request: HttpRequest) -> User:
    """The signed-in user, behind `login_required` or `founder_required`."""
    if not isinstance(request.user, User):
        raise TypeError("a view without login_required asked for its user")
    return request.user


def founder_required(view: View[P]) -> View[P]:
    """Founders only: others are asked to sign in, members find nothing here."""

    @wraps(view)
    @login_required
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not user_of(request).is_founder:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded  # type: ignore[return-value]  # login_required hides the parameters


def recently_confirmed(view: View[P]) -> View[P]:
    """Whoever posts here signed in, or confirmed that it is them, at most ten minutes ago.

    Stands below `login_required` or `founder_required`.
    """
    return _confirmed(view, free=SAFE)


def recently_confirmed_to_read(view: View[P]) -> View[P]:
    """The same where to look is to take away: the exports."""
    return _confirmed(view, free=frozenset())


def _confirmed(view: View[P], *, free: frozenset[str]) -> View[P]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method not in free and not confirmation.is_recent(request):
            return confirmation.ask(request)
        if request.method == "POST":
            confirmation.forget_what_is_done(request)
        return view(request, *args, **kwargs)

    guarded.needs_confirmation = True  # type: ignore[attr-defined]  # for the test of all addresses
    return guarded  # type: ignore[return-value]  # as above


def is_sandbox_visitor(request: HttpRequest) -> bool:
    """Whether one-click sign-in may be offered: the sandbox, asked for from this very machine.

    A request that came through a proxy is nobody's on this machine, whatever address it shows.
    """
    if not settings.AWS_SANDBOX or "HTTP_X_FORWARDED_FOR" in request.META:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
