"""The addresses for SAML, there only while it is switched on."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.socialaccount.providers import registry
from allauth.socialaccount.providers.saml import views
from django.http import Http404, HttpRequest, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from lxml.etree import LxmlError
from onelogin.saml2.errors import OneLogin_Saml2_Error

from portal.saml import SLUG, accounts
from portal.saml.provider import Provider

logger = logging.getLogger(__name__)
registry.register(Provider)
_MOST = 256 * 1024
_View = Callable[..., Any]


def _forgiving(view: _View) -> _View:
    """What allauth leaves to fail, such as metadata out of reach, is a sentence here."""

    @wraps(view)
    def guarded(request: HttpRequest, organization_slug: str) -> HttpResponseBase:
        if organization_slug != SLUG:
            raise Http404
        request.META.setdefault("HTTP_HOST", request.get_host())  # absent in HTTP/1.0
        try:
            answer: HttpResponseBase = view(request, organization_slug=organization_slug)
        except (OneLogin_Saml2_Error, LxmlError, OSError, ValueError) as error:
            logger.warning("SAML: %s", type(error).__name__)
            return accounts.refuse(request, reason="invalid")
        return answer

    return guarded


def _not_too_long(view: _View) -> _View:
    """The answer is kept in the database until it is judged: strangers may not fill the disk."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if int(request.META.get("CONTENT_LENGTH") or 0) > _MOST:
            return HttpResponseBadRequest()
        answer: HttpResponseBase = view(request, **kwargs)
        return answer

    return guarded


def _nothing(_request: HttpRequest, **_organization: str) -> HttpResponseBase:
    """Signing out elsewhere signs nobody out here; allauth wants to name the address."""
    raise Http404


login = require_safe(_forgiving(views.login))
acs = csrf_exempt(require_POST(_not_too_long(_forgiving(views.acs))))
finish = require_safe(_forgiving(views.finish_acs))
metadata = require_safe(_forgiving(views.metadata))

urlpatterns = [
    path("<slug:organization_slug>/login/", login, name="saml_login"),
    path("<slug:organization_slug>/acs/", acs, name="saml_acs"),
    path("<slug:organization_slug>/acs/finish/", finish, name="saml_finish_acs"),
    path("<slug:organization_slug>/sls/", _nothing, name="saml_sls"),
    path("<slug:organization_slug>/metadata/", metadata, name="saml_metadata"),
]
