"""What every request and every answer gets, whoever answers: view, static file, error, redirect."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseNotAllowed
from django.middleware.security import SecurityMiddleware
from django.shortcuts import render

from portal.logs import trace

GetResponse = Callable[[HttpRequest], HttpResponseBase]

logger = logging.getLogger("portal.requests")

MUCH, MOST = 64 * 1024, 32 * 1024 * 1024
"""Of a body, in bytes: gunicorn itself takes in `MUCH`; beyond `MOST` nobody means well."""

POLICY = {
    "Cache-Control": "no-store",  # static files say otherwise themselves
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}


def traced(get_response: GetResponse) -> GetResponse:
    """An id for the request, in every line about it and in its answer; one line at its end."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        with trace.active(trace.of_request(request)) as made:
            response = get_response(request)
            response.headers["X-Request-ID"] = made.id
            _tell(request, response, round(1000 * (time.perf_counter() - started)))
        return response

    return middleware


def _tell(request: HttpRequest, response: HttpResponseBase, ms: int) -> None:
    """Without the query string; what machines ask every few seconds is not worth a line."""
    said = {"method": request.method, "path": request.path, "status": response.status_code}
    logger.log(
        logging.DEBUG if request.path in {"/healthz", "/metrics"} else logging.INFO,
        "%(method)s %(path)s %(status)s",
        said,
        extra={**said, "ms": ms},
    )


def browser_policy(get_response: GetResponse) -> GetResponse:
    """The headers, on errors and redirects of the other middleware too."""
    security = SecurityMiddleware(get_response)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        security.process_response(request, response)  # type: ignore[arg-type]  # sets headers only
        for name, value in POLICY.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def whole_body(get_response: GetResponse) -> GetResponse:
    """Takes in what a view left unread of an upload, as who refuses it by its mere size.

    Else the connection ends while a proxy is still sending, and some proxies make of that an error
    of theirs instead of our answer, and of us a dead server.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and MUCH < int(length) <= MOST:
            with suppress(OSError):  # whoever sent it is gone
                while request.read(MUCH):
                    pass
        return response

    return middleware


def only_by_a_button(get_response: GetResponse) -> GetResponse:
    """Words for who opens the address of a button, as after a sign-in that came in between."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or request.method != "GET":
            return response
        page = render(request, "405.html", status=response.status_code)
        page.headers["Allow"] = response.headers["Allow"]
        return page

    return middleware
