"""The door to AWS: the only module (with the sandbox) that knows boto3.

`client` makes clients with short timeouts; `aws_call` translates what goes wrong into kinds, by
what the caller should do (`portal.aws_errors`). Every attempt at Identity Center, retries included,
waits for its turn (`portal.pacing`).
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config
from django.conf import settings

from portal import aws_data, aws_errors, crash_points, pacing
from portal.aws_errors import (
    CONGESTION,
    AwsConflict,
    AwsDenied,
    AwsError,
    AwsNotFound,
    AwsThrottled,
    AwsUnavailable,
    AwsUnreachable,
    AwsUnsupported,
)

__all__ = [
    "CONGESTION",
    "AwsConflict",
    "AwsDenied",
    "AwsError",
    "AwsNotFound",
    "AwsThrottled",
    "AwsUnavailable",
    "AwsUnreachable",
    "AwsUnsupported",
]

logger = logging.getLogger(__name__)

PACED = ("identitystore", "sso-admin")


class _Clients:
    """`client(service, region)`: made once, however many threads ask for it at the same moment."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], Any] = {}
        self._making = Lock()

    def __call__(self, service: str, region: str = "") -> Any:
        """The client for the service in the Region (default: `AWS_REGION`), thread-safe."""
        with self._making:  # each is megabytes: `lru_cache` would let every thread make its own
            if (service, region) not in self._made:
                self._made[service, region] = _make(service, region or settings.AWS_REGION)
            return self._made[service, region]

    def cache_clear(self) -> None:
        self._made.clear()


client = _Clients()


def _make(service: str, region: str) -> Any:
    if boto3.DEFAULT_SESSION is None:
        boto3.setup_default_session(botocore_session=aws_data.session())
    config = Config(
        connect_timeout=3,
        read_timeout=10,
        max_pool_connections=20,
        retries={"mode": "standard", "total_max_attempts": 2},
        s3={"addressing_style": "path" if _is_elsewhere() else "auto"},
    )
    made = boto3.client(service, region_name=region, config=config)  # type: ignore[call-overload]
    made.meta.events.register("after-call", _tell)
    if service in PACED:
        made.meta.events.register("before-send", _wait_for_turn)
        made.meta.events.register("needs-retry", _notice_throttling)
    return made


def _is_elsewhere() -> bool:
    """Whether S3 is to be asked at an address that the environment names. Seldom does a name such
    as `bucket.localhost` lead anywhere: there the bucket goes into the path."""
    names = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")
    return any(os.environ.get(name) for name in names)


def _tell(http_response: Any, parsed: Any, model: Any, **_event: Any) -> None:
    """One line a call, with the id under which AWS knows it; nothing of what AWS said."""
    operation, status = model.name, http_response.status_code
    code = parsed.get("Error", {}).get("Code", "")
    told = {"operation": operation, "status": status, "aws_request_id": request_id(parsed)}
    logger.info("AWS %s %s", operation, code or status, extra=told)


def _wait_for_turn(**_event: Any) -> None:
    pacing.wait_for_turn()


def _notice_throttling(response: Any = None, **_event: Any) -> None:
    """After every attempt, the ones that the SDK repeats by itself among them."""
    if response is None:
        return
    http_response, parsed = response
    code = parsed.get("Error", {}).get("Code", "")
    if aws_errors.kind_of(code, http_response.status_code) is AwsThrottled:
        pacing.slow_down()


_listeners: list[Callable[[AwsError | None], None]] = []


def listen(listener: Callable[[AwsError | None], None]) -> None:
    """Have this told how each call of this process ended: None for well."""
    _listeners.append(listener)


@contextmanager
def aws_call(operation: str) -> Iterator[None]:
    """Translate botocore's exceptions into ours. Raises: AwsError or one of its kinds."""
    try:
        with _translated(operation):
            yield
    except AwsError as error:
        _ended(error)
        raise
    _ended(None)


def _ended(error: AwsError | None) -> None:
    for listener in _listeners:
        listener(error)


@contextmanager
def _translated(operation: str) -> Iterator[None]:
    crash_points.reached("before-call")
    try:
        yield
    except aws_errors.TRANSLATED as error:
        raise aws_errors.translated(operation, error) from error
    crash_points.reached("after-call")


def request_id(response: Any) -> str:
    """The id under which AWS knows this request, for the audit log and a Support case."""
    return str(response.get("ResponseMetadata", {}).get("RequestId", ""))


def call(service: str, region: str, operation: str, **parameters: Any) -> dict[str, Any]:
    """One request; `operation` by AWS's own name, such as `CreateUser`. Raises: AwsError."""
    with aws_call(operation):  # to make a client may fail for want of credentials already
        method = getattr(client(service, region), xform_name(operation))
        answer: dict[str, Any] = method(**parameters)
    return answer


def answers(ask: Callable[..., dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Of a list operation, until AWS has no more: `ask` is given each answer's `NextToken`."""
    more: dict[str, str] = {}
    while True:
        answer = ask(**more)
        yield answer
        if not answer.get("NextToken"):
            return
        more = {"NextToken": answer["NextToken"]}


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose credentials the portal has."""

    account_id: str
    arn: str


def caller() -> Caller:
    """Any valid credentials may ask this, whatever else they are allowed. Raises: AwsError."""
    answer = call("sts", "", "GetCallerIdentity")
    return Caller(account_id=str(answer["Account"]), arn=str(answer["Arn"]))


def account_id() -> str:
    return caller().account_id
