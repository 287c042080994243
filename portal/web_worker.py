"""gunicorn's worker: what it answers by itself, to a request too broken for Django, is ours too.

`gunicorn -k portal.web_worker.Worker`: the headers of every other answer, and an id that its log
line bears too.
"""

import socket
from typing import Any

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from gunicorn.workers.gthread import ThreadWorker

from portal.logs import trace
from portal.middleware import browser_policy


class Worker(ThreadWorker):
    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        origin = str(addr[0]) if addr else ""
        with trace.active(trace.Trace(trace.new_id(), origin)) as made:
            answer = _Answer(client, {**headers(), "X-Request-ID": made.id})
            super().handle_error(req, answer, addr, exc)


def headers() -> dict[str, str]:
    """As the middleware would have set them."""
    request = HttpRequest()
    if settings.SECURE_PROXY_SSL_HEADER:  # nobody else speaks to gunicorn
        name, value = settings.SECURE_PROXY_SSL_HEADER
        request.META[name] = value
    policy = CSPMiddleware(lambda _request: HttpResponse())
    response = browser_policy(policy)(request)  # type: ignore[arg-type]  # no coroutine in it
    return {name: value for name, value in response.items() if name != "Content-Type"}


class _Answer:
    """The connection, on which an answer gets these headers below its first line."""

    def __init__(self, client: socket.socket, headers: dict[str, str]) -> None:
        self._client = client
        self._lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def sendall(self, data: bytes) -> None:
        first, rest = data.split(b"\r\n", 1)
        self._client.sendall(first + b"\r\n" + self._lines.encode() + rest)
