"""Is it still you? What does harm in the wrong hands wants a proof at most ten minutes old.

Signing in is one. The moment stands in the session; what was posted too late is kept there too,
and done only after another press of a button.
"""

import time
from typing import Any

from allauth.account.signals import authentication_step_completed
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

GOOD_FOR = 600
_CONFIRMED_AT = "confirmed_at"
_KEPT = "kept_post"
_MOST_KEPT = 200_000


def is_recent(request: HttpRequest) -> bool:
    """Whether this session proved who it is lately. In the sandbox there is nothing to guard."""
    return (
        bool(settings.AWS_SANDBOX) or time.time() - request.session.get(_CONFIRMED_AT, 0) < GOOD_FOR
    )


def note(request: HttpRequest) -> None:
    request.session[_CONFIRMED_AT] = time.time()


def ask(request: HttpRequest) -> HttpResponseBase:
    """To the page that asks; from there back to this one, or to what was posted."""
    following = request.get_full_path()
    if request.method == "POST":
        _keep(request)
        following = reverse("confirm-go-on")
    address = f"{reverse('confirm')}?{urlencode({'next': following})}"
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(address)
    return redirect(address)


def _keep(request: HttpRequest) -> None:
    fields = request.POST.copy()
    fields.pop("csrfmiddlewaretoken", None)
    said = fields.urlencode()
    is_whole = len(said) <= _MOST_KEPT and not request.FILES
    request.session[_KEPT] = {
        "path": request.get_full_path(),
        "fields": said if is_whole else None,
        "page": request.headers.get("Referer", ""),
    }


def kept(request: HttpRequest) -> dict[str, Any] | None:
    """What was posted too late: its path, its fields (None: too much to keep), its page."""
    post = request.session.get(_KEPT)
    if post is None:
        return None
    fields = None if post["fields"] is None else QueryDict(post["fields"])
    pairs = [(name, value) for name, values in (fields or QueryDict()).lists() for value in values]
    return {**post, "fields": None if fields is None else pairs}


def forget_what_is_done(request: HttpRequest) -> None:
    """This very address is posted to again, so nothing waits for a press any more."""
    post = request.session.get(_KEPT)
    if post is not None and post["path"] == request.get_full_path():
        request.session.pop(_KEPT)


# Django's and allauth's word that somebody just proved who they are ------------------------------


def _on_sign_in(request: HttpRequest | None = None, **_other: Any) -> None:
    if request is not None:
        note(request)


def _on_step(request: HttpRequest, *, reauthenticated: bool = False, **_other: Any) -> None:
    if reauthenticated:
        note(request)


def listen() -> None:
    user_logged_in.connect(_on_sign_in, dispatch_uid="portal.sign_in.confirmation.sign_in")
    authentication_step_completed.connect(_on_step, dispatch_uid="portal.sign_in.confirmation.step")
