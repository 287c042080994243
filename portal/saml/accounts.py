"""Whom an assertion signs in: somebody the portal already knows, by the e-mail that it bears."""

import logging
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal import audit
from portal.models import User, normalise_email

logger = logging.getLogger(__name__)


class Adapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ARG002
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Link at the first sign-in; refuse strangers and whoever was deactivated."""
        sociallogin.state["process"] = AuthProcess.LOGIN  # never to connect, never a bare redirect
        user = sociallogin.user if sociallogin.is_existing else _known(sociallogin)
        if user is None:
            raise ImmediateHttpResponse(refuse(request, reason="unknown"))
        if not user.is_active:
            raise ImmediateHttpResponse(refuse(request, reason="closed"))
        if not sociallogin.is_existing:
            _link(request, sociallogin, user)

    def on_authentication_error(self, request: HttpRequest, *_args: Any, **_more: Any) -> None:
        raise ImmediateHttpResponse(refuse(request, reason="invalid"))

    def send_notification_mail(self, *_args: Any, **_more: Any) -> None:
        """The audit log says it; a mail about a link to one's own company would only alarm."""


def refuse(request: HttpRequest, *, reason: str) -> HttpResponse:
    logger.warning("A sign-in by SAML was refused: %s", reason)
    return render(request, "account/saml_refused.html", {"reason": reason}, status=403)


def _known(sociallogin: Any) -> User | None:
    """By the assertion's e-mail, which the company's own directory vouches for."""
    addresses = [address.email for address in sociallogin.email_addresses]
    return User.objects.filter(email=normalise_email(addresses[0])).first() if addresses else None


@transaction.atomic
def _link(request: HttpRequest, sociallogin: Any, user: User) -> None:
    sociallogin.connect(request, user)
    audit.record("sign_in.linked", subject=f"user:{user.pk}", actor=user)
