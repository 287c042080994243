"""The portal's addresses as they are with SAML switched on."""

from django.urls import include, path

from portal.urls import handler500
from portal.urls import urlpatterns as without_saml

__all__ = ["handler500", "urlpatterns"]
urlpatterns = [*without_saml, path("accounts/saml/", include("portal.saml.urls"))]
