"""How the portal itself is: for founders, for machines, and when it cannot answer."""

import sys

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template import loader
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from django.views.defaults import server_error

from portal.access import founder_required
from portal.watch import health, metrics, status_page

RETRY_AFTER = "10"
"""Seconds after which a browser or a monitor may ask again."""

DATABASE_GONE = (OperationalError, InterfaceError)
"""What Django raises when a connection cannot be made or breaks; a bug raises others."""


@founder_required
@require_safe
def status(request: HttpRequest) -> HttpResponseBase:
    name = "portal/_status.html" if request.headers.get("HX-Request") else "portal/status.html"
    return render(request, name, status_page.context(now=timezone.now()))


@founder_required
@require_safe
def banner(request: HttpRequest) -> HttpResponseBase:
    """What is down, for pages that stay open; nothing outside the database is asked."""
    return render(request, "components/banner.html")


@require_safe
def healthz(_request: HttpRequest) -> HttpResponseBase:
    """For machines: 503 only when pages cannot work; the rest is in the JSON."""
    found = health.check()
    answer = {"status": found.status, "checks": found.checks}
    if found.status == health.DOWN:
        return JsonResponse(answer, status=503, headers={"Retry-After": RETRY_AFTER})
    return JsonResponse(answer)


@require_safe
def show_metrics(request: HttpRequest) -> HttpResponseBase:
    """For Prometheus, which shows `METRICS_TOKEN`; without one this is not there."""
    given = request.headers.get("Authorization", "").encode()
    expected = f"Bearer {settings.METRICS_TOKEN}".encode()
    if not settings.METRICS_TOKEN or not constant_time_compare(given, expected):
        raise Http404
    return HttpResponse(metrics.text(now=timezone.now()), content_type=metrics.CONTENT_TYPE)


def failed(request: HttpRequest) -> HttpResponseBase:
    """The answer to an error nobody caught: 503 when it was the database that was not there."""
    if isinstance(sys.exception(), DATABASE_GONE):
        body = loader.render_to_string("503.html")
        return HttpResponse(body, status=503, headers={"Retry-After": RETRY_AFTER})
    return server_error(request)
