"""Founders have a second factor: until they do, every page leads them to where they get one."""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRedirect

from portal.middleware import GetResponse
from portal.models import User

STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
OPEN = {
    "account_logout",
    "account_reauthenticate",
    "confirm",
    "confirm-go-on",
    "healthz",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_index",
    "mfa_reauthenticate",
    "one-time-link",
}
"""Where a founder without a second factor may go."""


def is_missing(user: object) -> bool:
    """Whether this user has to get a second factor before anything else."""
    if not settings.FOUNDERS_NEED_SECOND_FACTOR:
        return False
    if not (isinstance(user, User) and user.is_founder):
        return False
    if user.has_second_factor is None:
        return not Authenticator.objects.filter(user=user, type__in=STRONG).exists()
    return not user.has_second_factor


class SecondFactorMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponseBase | None:
        match = request.resolver_match
        if (match and match.view_name in OPEN) or not is_missing(request.user):
            return None
        if request.headers.get("HX-Request"):
            return HttpResponseClientRedirect("/accounts/2fa/")
        return redirect("mfa_index")
