"""What the sandbox's own services have in common: a table of operations, and tokens for pages."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

from portal.sandbox import shapes
from portal.sandbox.wire import AwsError, Call

Params = dict[str, Any]
Result = dict[str, Any]
Operation = Callable[[Call], Result]


class Service:
    """Operations by name. One that AWS has and the sandbox does not is said so, never passed on to
    a network.
    """

    name: str

    def __init__(self) -> None:
        self.operations: dict[str, Operation] = {}

    def check(self, call: Call) -> None:
        """Raise what applies to every operation alike; the model has been checked before."""

    def answer(self, call: Call) -> Result:
        shapes.validate(call)
        operation = self.operations.get(call.operation)
        if operation is None:
            raise not_offered(call)
        self.check(call)
        return operation(call)


def not_offered(call: Call) -> AwsError:
    message = f"The sandbox does not offer {call.service or 'this service'} {call.operation}."
    return AwsError("UnknownOperationException", message)


def make_token(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, sort_keys=True).encode()).decode()


def read_token(token: str, invalid: AwsError) -> dict[str, Any]:
    """The value inside a token; raises `invalid` for one that this sandbox did not make."""
    try:
        value = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, binascii.Error):
        raise invalid from None
    if not isinstance(value, dict):
        raise invalid
    return value
