"""Ways in beside allauth's: the founder's one-time link, one click in the sandbox."""

from typing import Any

from allauth.account.utils import perform_login
from allauth.mfa.totp.views import activate_totp as allauth_activate_totp
from csp.decorators import csp_update
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from onboarding.models import Member
from portal.access import is_sandbox_visitor
from portal.models import User
from portal.sign_in import accounts

activate_totp = require_http_methods(["GET", "HEAD", "POST"])(
    csp_update({"img-src": ["data:"]})(allauth_activate_totp)
)
"""allauth's page, the one whose picture, a QR code, comes in a data: address."""


@require_POST
def sandbox_sign_in(request: HttpRequest) -> HttpResponseBase:
    """One click into the sample company; not there outside the sandbox and this machine."""
    if not is_sandbox_visitor(request):
        raise Http404
    user = _sample_user(request.POST.get("role", ""))
    if user is None:
        raise Http404
    signed_in: HttpResponseBase = perform_login(request, user, redirect_url="/")
    return signed_in


def _sample_user(role: str) -> User | None:
    active = User.objects.filter(is_active=True)
    if role == User.Role.FOUNDER:
        return active.filter(role=role).order_by("pk").first()
    if role != User.Role.MEMBER:
        return None
    members = active.filter(role=role, member__status=Member.Status.INVITED)
    return members.order_by("member__trouble", "-member__steps_done", "pk").first()


@require_http_methods(["GET", "HEAD", "POST"])
def one_time_link(request: HttpRequest, pk: str, token: str) -> HttpResponseBase:
    """From `manage.py founder`: the click signs in, the mere GET does not."""
    user = accounts.user_of_link(pk, token)
    if user and request.method == "POST" and accounts.use_up_link(user):
        request.is_by_one_time_link = True  # type: ignore[attr-defined]  # for `accounts.Adapter`
        signed_in: HttpResponseBase = perform_login(request, user, redirect_url=reverse("overview"))
        return signed_in
    is_open = user is not None and request.method != "POST"
    context: dict[str, Any] = {"state": "open" if is_open else "dead", "user": user}
    return render(request, "portal/one_time_link.html", context)


def closed(_request: HttpRequest) -> HttpResponseBase:
    """Nobody changes their own address: it is the team's list that says who is who."""
    raise Http404
