"""moto's part: the services it does well (STS, S3, SES, sso-admin), each app built at its first
call, none reaching out.
"""

from __future__ import annotations

import importlib
import io
import os
import threading
from typing import Any

from portal.sandbox.company import ACCOUNT_ID, SENDER_DOMAIN
from portal.sandbox.service import not_offered
from portal.sandbox.wire import Answer, Call

os.environ.setdefault("MOTO_DISABLE_GLOBAL_CORS", "true")

SERVICES = {"sts": "sts", "s3": "s3", "ses": "ses", "sso-admin": "ssoadmin"}
"""boto3's name of each and moto's."""


class MotoBridge:
    """Hands a call on to moto's WSGI application and takes the whole answer back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._app: Any = None
        self._loaded: set[str] = set()

    def load(self, service: str) -> Any:
        """The application, with the service's backend in memory.

        moto, flask and the backends take half a second to import: the first who needs them waits,
        not the start. One at a time, since moto's modules import each other in a circle.
        """
        with self._lock:
            if self._app is None:
                from moto.moto_server import werkzeug_app  # noqa: PLC0415 - as said above

                dispatcher = werkzeug_app.DomainDispatcherApplication
                self._app = dispatcher(werkzeug_app.create_backend_app)
            if service not in self._loaded:
                for part in ("models", "urls"):
                    importlib.import_module(f"moto.{SERVICES[service]}.{part}")
                self._loaded.add(service)
        return self._app

    def answer(self, call: Call) -> Answer:
        if call.service not in SERVICES:
            raise not_offered(call)
        caught: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            caught.update(status=int(status.split(maxsplit=1)[0]), headers=headers)

        environ = {
            **call.environ,
            "wsgi.input": io.BytesIO(call.body),
            "CONTENT_LENGTH": str(len(call.body)),
        }
        environ.pop("wsgi.input_terminated", None)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        try:
            chunks = self.load(call.service)(environ, start_response)
            body = b"".join(chunks)
        except NotImplementedError:
            raise not_offered(call) from None
        return _answer(call, caught["status"], caught["headers"], body)


def verify_senders(bridge: MotoBridge, region: str) -> None:
    """Let the sample company send from its own domain; doing it again changes nothing."""
    bridge.load("ses")
    from moto.ses.models import ses_backends  # noqa: PLC0415 - see MotoBridge

    ses_backends[ACCOUNT_ID][region].verify_domain(SENDER_DOMAIN)


def _answer(call: Call, status: int, headers: list[tuple[str, str]], body: bytes) -> Answer:
    kept = [(name, value) for name, value in headers if name.lower() != "x-amzn-requestid"]
    kept.append(("x-amzn-RequestId", call.request_id))
    error_code = (
        ""
        if status < 400
        else next((v for k, v in headers if k.lower() == "x-amzn-errortype"), str(status))
    )
    return Answer(status, kept, body, error_code)
