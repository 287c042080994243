"""The door to AWS: the only module (with the sandbox) that knows boto3.

`client` makes clients with short timeouts; `aws_call` translates what goes wrong into five kinds,
by what the caller should do. Every attempt at Identity Center, retries included, waits for its
turn (`portal.pacing`).
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

import boto3
import botocore.exceptions
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    TokenRetrievalError,
)
from django.conf import settings

from portal import aws_data, pacing, seams

logger = logging.getLogger(__name__)

PACED = ("identitystore", "sso-admin")


class AwsError(Exception):
    """AWS refused the call; trying again as it stands will not help."""

    def __init__(  # noqa: PLR0913  # what AWS says of a refusal, whole
        self,
        operation: str,
        code: str,
        message: str,
        *,
        reason: str = "",
        request_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{operation}: {code}: {message}")
        self.operation, self.code, self.message = operation, code, message
        self.reason, self.request_id, self.retry_after = reason, request_id, retry_after


class AwsConflict(AwsError):
    """The thing already exists, or somebody changed it meanwhile (see `reason`)."""


class AwsNotFound(AwsError):
    """The thing does not exist."""


class AwsDenied(AwsError):
    """Our credentials are missing, expired or not allowed to do this."""


class AwsUnavailable(AwsError):
    """Broken on their side: worth trying again later."""


class AwsThrottled(AwsUnavailable):
    """Too many requests, ours and other tools' together."""


class AwsUnreachable(AwsUnavailable):
    """No answer: the call may or may not have been carried out."""


_ERRORS: dict[str, type[AwsError]] = {
    "ConflictException": AwsConflict,
    "ResourceNotFoundException": AwsNotFound,
    "DataUnavailableException": AwsNotFound,
    "ThrottlingException": AwsThrottled,
    "Throttling": AwsThrottled,
    "TooManyRequestsException": AwsThrottled,
    "LimitExceededException": AwsThrottled,
    "RequestLimitExceeded": AwsThrottled,
    "SlowDown": AwsThrottled,
    "AccessDenied": AwsDenied,
    "AccessDeniedException": AwsDenied,
    "UnauthorizedOperation": AwsDenied,
    "ExpiredToken": AwsDenied,
    "ExpiredTokenException": AwsDenied,
    "InvalidClientTokenId": AwsDenied,
    "InvalidSignatureException": AwsDenied,
    "SignatureDoesNotMatch": AwsDenied,
    "UnrecognizedClientException": AwsDenied,
}
_NO_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, TokenRetrievalError)


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
    timeouts = Config(
        connect_timeout=3,
        read_timeout=10,
        max_pool_connections=20,
        retries={"mode": "standard", "total_max_attempts": 2},
    )
    made = boto3.client(service, region_name=region, config=timeouts)  # type: ignore[call-overload]
    made.meta.events.register("after-call", _tell)
    if service in PACED:
        made.meta.events.register("before-send", _wait_for_turn)
        made.meta.events.register("needs-retry", _notice_throttling)
    return made


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
    code = response[1].get("Error", {}).get("Code", "") if response else ""
    if _ERRORS.get(code) is AwsThrottled:
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
    seams.reached("before-call")
    try:
        yield
    except ClientError as error:
        raise _refusal(operation, error.response) from error
    except _NO_CREDENTIALS as error:
        raise AwsDenied(operation, type(error).__name__, str(error)) from error
    except (botocore.exceptions.ConnectionError, HTTPClientError) as error:
        raise AwsUnreachable(operation, type(error).__name__, str(error)) from error
    except BotoCoreError as error:  # wrong parameters, an answer that makes no sense: ours to mend
        raise AwsError(operation, type(error).__name__, str(error)) from error
    seams.reached("after-call")


def _refusal(operation: str, response: Any) -> AwsError:
    detail, metadata = response.get("Error", {}), response.get("ResponseMetadata", {})
    code, status = detail.get("Code", "Unknown"), metadata.get("HTTPStatusCode", 0)
    kind = _ERRORS.get(code, AwsUnavailable if status >= 500 else AwsError)
    return kind(
        operation,
        code,
        detail.get("Message") or code,
        reason=response.get("Reason", ""),
        request_id=response.get("RequestId") or metadata.get("RequestId", ""),
        retry_after=response.get("RetryAfterSeconds"),
    )


def request_id(response: Any) -> str:
    """The id under which AWS knows this request, for the audit log and a Support case."""
    return str(response.get("ResponseMetadata", {}).get("RequestId", ""))


def call(service: str, region: str, operation: str, **parameters: Any) -> dict[str, Any]:
    """One request; `operation` by AWS's own name, such as `CreateUser`. Raises: AwsError."""
    method = getattr(client(service, region), xform_name(operation))
    with aws_call(operation):
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
