"""allauth's SAML provider, which takes each assertion once."""

from datetime import UTC, datetime
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.providers.saml.provider import SAMLProvider
from django.http import HttpRequest
from django.utils import timezone

from portal.models import UsedAssertion
from portal.saml import accounts


class Provider(SAMLProvider):
    def sociallogin_from_response(self, request: HttpRequest, response: Any) -> Any:
        """Replay: what signs in once signs in nobody later, not even within its own minutes."""
        ends = response.get_last_assertion_not_on_or_after()
        is_new = ends is not None and UsedAssertion.take(
            response.get_last_assertion_id(),
            until=datetime.fromtimestamp(ends, UTC),
            now=timezone.now(),
        )
        if not is_new:
            raise ImmediateHttpResponse(accounts.refuse(request, reason="replayed"))
        return super().sociallogin_from_response(request, response)
