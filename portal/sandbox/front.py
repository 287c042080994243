"""The front door: every request passes here, past the host check, the quota, the faults and the
ledger.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from portal.sandbox import faults, wire
from portal.sandbox.control import Control
from portal.sandbox.ledger import Ledger
from portal.sandbox.wire import Answer, AwsError, Call

logger = logging.getLogger(__name__)
Handler = Callable[[Call], Answer]


class Front:
    """A WSGI application. `handler` answers a call; it raises AwsError for what AWS refuses."""

    def __init__(
        self,
        handler: Handler,
        *,
        control: Control,
        ledger: Ledger,
        board: faults.FaultBoard,
        quota: faults.TokenBucket,
    ) -> None:
        self._handler = handler
        self._control = control
        self._ledger = ledger
        self._board = board
        self._quota = quota

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not _is_for_us(environ):
            return _send(Answer(403, [("Content-Length", "0")], b""), start_response)
        if environ["PATH_INFO"].startswith("/_sandbox/"):
            return _send(self._control.answer(environ), start_response)
        answer = self._answer_aws(wire.read(environ))
        if answer is None:
            _cut(environ)
            return []
        return _send(answer, start_response)

    def _answer_aws(self, call: Call) -> Answer | None:
        """The answer, or None when the connection is to be cut. The ledger gets an entry."""
        started = time.monotonic()
        fault = self._board.draw(call)
        if fault is not None and fault.kind == "reset":
            answer = None
            applied = False
        else:
            answer = self._through_faults(call, fault)
            applied = answer.status < HTTPStatus.BAD_REQUEST
        lost = fault is not None and fault.kind in ("drop", "reset")
        self._ledger.record(
            call,
            status=None if lost or answer is None else answer.status,
            error_code="" if answer is None else answer.error_code,
            fault=fault.kind if fault else "",
            applied=applied,
            milliseconds=(time.monotonic() - started) * 1000,
        )
        return None if lost else answer

    def _check(self, call: Call, fault: faults.Fault | None) -> None:
        if fault is not None and (error := faults.error_of(fault, call)):
            raise error
        if call.service in faults.IDENTITY_CENTER and not self._quota.take():
            raise faults.throttled(call)

    def _through_faults(self, call: Call, fault: faults.Fault | None) -> Answer:
        time.sleep(self._control.latency_ms / 1000)
        if fault is not None and fault.kind == "slow":
            time.sleep(fault.delay)
        try:
            self._check(call, fault)
            return self._handler(call)
        except AwsError as error:
            return wire.failure(call, error)
        except Exception:  # the top of every request: a bug must look like an outage, not a hang
            logger.exception("The sandbox failed in %s %s", call.service, call.operation)
            return wire.failure(
                call, AwsError("InternalFailure", "The sandbox failed; see its log.", status=500)
            )


def _is_for_us(environ: dict[str, Any]) -> bool:
    """Only loopback names, and never a browser's script: a page elsewhere could point its own name
    at 127.0.0.1.
    """
    host = str(environ.get("HTTP_HOST", "")).lower()
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    # Browsers and resolvers keep *.localhost on this machine; S3's virtual-hosted buckets need it.
    loopback = name in ("127.0.0.1", "localhost", "[::1]") or name.endswith(".localhost")
    return loopback and "HTTP_ORIGIN" not in environ


def _send(answer: Answer, start_response: Any) -> Iterable[bytes]:
    start_response(f"{answer.status} {_phrase(answer.status)}", answer.headers)
    return [answer.body]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _cut(environ: dict[str, Any]) -> None:
    """Close the TCP connection without a byte of answer; werkzeug takes the error for a client that
    hung up.
    """
    connection = environ.get("werkzeug.socket")
    with contextlib.suppress(OSError, AttributeError):
        connection.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]  # absent without werkzeug
    raise ConnectionAbortedError("cut on purpose")
