"""One POST to a place that nobody here knows: to a checked address, and over after ten seconds."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass

from portal.webhooks import addresses
from portal.webhooks.addresses import BadAddress, Target

SECONDS = 10.0
"""For everything together: looking up the name, connecting, TLS, sending, answering."""

MOST_READ = 2048


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str
    """The beginning of what it said."""
    retry_after: str = ""


class NotDelivered(Exception):
    """No answer; the message says why. `is_final`: trying again as it stands will not help."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final


def post(url: str, *, body: bytes, headers: dict[str, str]) -> Answer:
    """Raises: NotDelivered. A redirect is an answer like any other: it is not followed."""
    deadline = time.monotonic() + SECONDS
    try:
        return _post(addresses.parse(url), body, headers, deadline)
    except BadAddress as error:
        raise NotDelivered(str(error), is_final=True) from error
    except (OSError, http.client.HTTPException) as error:
        reason = _in_plain_words(error, is_over=time.monotonic() >= deadline)
        raise NotDelivered(reason) from error


def _post(target: Target, body: bytes, headers: dict[str, str], deadline: float) -> Answer:
    sock = _connect(target, deadline)
    with closing(sock), _cut_off(sock, deadline):
        if isinstance(sock, ssl.SSLSocket):
            sock.do_handshake()
        line = _line(target, sock)
        line.request("POST", target.path, body, headers)
        with closing(line.getresponse()) as response:
            answer = Answer(
                status=response.status,
                text=response.read(MOST_READ).decode(errors="replace"),
                retry_after=response.headers.get("Retry-After", ""),
            )
        _left(deadline)  # an answer that was cut off in its headers looks like a short one
        return answer


def _connect(target: Target, deadline: float) -> socket.socket:
    """To the first checked address that takes the call. Raises: BadAddress, OSError."""
    error: OSError = OSError("no address")
    for address in addresses.resolve(target, seconds=_left(deadline)):
        try:
            sock = socket.create_connection((address, target.port), timeout=_left(deadline))
        except OSError as refused:
            error = refused
        else:
            return _with_tls(target, sock) if target.is_tls else sock
    raise error


def _with_tls(target: Target, sock: socket.socket) -> ssl.SSLSocket:
    """The name goes along and its certificate is checked, though the address is called.

    No handshake yet: it has to be under the time limit too.
    """
    context = ssl.create_default_context()
    return context.wrap_socket(sock, server_hostname=target.host, do_handshake_on_connect=False)


def _line(target: Target, sock: socket.socket) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if target.is_tls else http.client.HTTPConnection
    line = kind(target.host, target.port)
    line.sock = sock
    line.auto_open = 0  # it would look the name up again
    return line


@contextmanager
def _cut_off(sock: socket.socket, deadline: float) -> Iterator[None]:
    """End the call at the deadline, even one that drips on a byte a second."""
    timer = threading.Timer(_left(deadline), _shut, [sock])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut(sock: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # TLS's own would pull the rug from a reader


def _left(deadline: float) -> float:
    """Raises: TimeoutError."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _in_plain_words(error: Exception, *, is_over: bool) -> str:
    if is_over or isinstance(error, TimeoutError):
        return f"It did not answer within {SECONDS:.0f} seconds."
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"Its certificate is not valid: {error.verify_message}."
    if isinstance(error, socket.gaierror):
        return "There is no such host name."
    if isinstance(error, ConnectionRefusedError):
        return "Nothing takes calls there."
    return "The connection broke off before the answer."
