"""Errors of AWS calls, in kinds that say what the caller should do; botocore's, translated."""

from typing import Any

import botocore.exceptions as botocores
from botocore.parsers import ResponseParserError

LONGEST_WAIT = 3600.0
"""Seconds: what AWS asks for beyond this is taken for a mistake."""

_LONGEST_MESSAGE = 1000


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


class AwsUnsupported(AwsError):
    """There is no such operation: what answers is an emulator of a part of AWS, or an old one."""


class AwsDenied(AwsError):
    """Our credentials are missing, expired or not allowed to do this."""

    @property
    def is_permission(self) -> bool:
        """The credentials are good, and this one permission is missing."""
        return self.code in {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


class AwsUnavailable(AwsError):
    """Broken on their side: worth trying again later."""


class AwsThrottled(AwsUnavailable):
    """Too many requests, ours and other tools' together."""


class AwsUnreachable(AwsUnavailable):
    """No answer: the call may or may not have been carried out."""


CONGESTION = (AwsThrottled, AwsUnreachable)
"""Says nothing about the row that was worked on: never a reason to quarantine it."""

_CODES: dict[type[AwsError], str] = {
    AwsConflict: "ConflictException",
    AwsNotFound: "ResourceNotFoundException DataUnavailableException",
    AwsThrottled: "ThrottlingException Throttling ThrottledException TooManyRequestsException"
    " LimitExceededException RequestLimitExceeded RequestThrottled RequestThrottledException"
    " SlowDown",
    AwsUnavailable: "RequestTimeout RequestTimeoutException",
    AwsDenied: "AccessDenied AccessDeniedException UnauthorizedOperation AuthFailure ExpiredToken"
    " ExpiredTokenException InvalidAccessKeyId InvalidClientTokenId InvalidSignatureException"
    " InvalidToken RequestExpired RequestTimeTooSkewed SignatureDoesNotMatch TokenRefreshRequired"
    " UnrecognizedClientException",
    AwsUnsupported: "UnknownOperationException UnknownOperation InvalidAction NotImplemented"
    " NotImplementedException UnsupportedOperation UnsupportedOperationException 404 405",
}
_BY_CODE = {code: kind for kind, codes in _CODES.items() for code in codes.split()}

_OF_CREDENTIALS = (
    botocores.ConfigNotFound,
    botocores.ConfigParseError,
    botocores.CredentialRetrievalError,
    botocores.InvalidConfigError,
    botocores.LoginError,
    botocores.MetadataRetrievalError,
    botocores.NoAuthTokenError,
    botocores.NoCredentialsError,
    botocores.PartialCredentialsError,
    botocores.ProfileNotFound,
    botocores.RefreshWithMFAUnsupportedError,
    botocores.SSOError,
    botocores.TokenRetrievalError,
    botocores.UnknownCredentialError,
)
_OF_THE_LINE = (botocores.ConnectionError, botocores.HTTPClientError)
TRANSLATED = (botocores.ClientError, botocores.BotoCoreError, ResponseParserError)


def translated(operation: str, error: Exception) -> AwsError:
    """Ours for one of `TRANSLATED`. `operation`: what was asked for, by AWS's own name."""
    if isinstance(error, botocores.ClientError):
        return _refusal(operation, error)
    return _kind_without_answer(error)(operation, type(error).__name__, str(error))


def _kind_without_answer(error: Exception) -> type[AwsError]:
    if isinstance(error, _OF_CREDENTIALS):
        return AwsDenied
    if isinstance(error, _OF_THE_LINE):
        return AwsUnreachable
    if isinstance(error, ResponseParserError):  # a page of some proxy, or half an answer
        return AwsUnavailable
    return AwsError  # wrong parameters, and the like: ours to mend


def _refusal(operation: str, error: botocores.ClientError) -> AwsError:
    response: dict[str, Any] = dict(error.response)
    detail, metadata = response.get("Error", {}), response.get("ResponseMetadata", {})
    code, status = detail.get("Code") or "Unknown", metadata.get("HTTPStatusCode", 0)
    # Before the call itself botocore may ask STS for the role that is to make it.
    is_for_credentials = error.operation_name.startswith("AssumeRole")
    return kind_of(code, status)(
        error.operation_name if is_for_credentials else operation,
        code,
        _message(detail, code, status),
        reason=response.get("Reason", ""),
        request_id=response.get("RequestId") or metadata.get("RequestId", ""),
        retry_after=_retry_after(response, metadata.get("HTTPHeaders", {})),
    )


def kind_of(code: str, status: int) -> type[AwsError]:
    """By AWS's code; by the HTTP status where that says more, or nobody knows the code."""
    if status == 501:
        return AwsUnsupported
    if code in _BY_CODE:
        return _BY_CODE[code]
    if status == 429:
        return AwsThrottled
    return AwsUnavailable if status >= 500 else AwsError


def _message(detail: dict[str, Any], code: str, status: int) -> str:
    """A page of HTML, which servers and proxies send on their own, says nothing to anybody."""
    said = str(detail.get("Message") or code).strip()
    return f"HTTP {status}, without a reason." if said[:1] == "<" else said[:_LONGEST_MESSAGE]


def _retry_after(response: dict[str, Any], headers: dict[str, str]) -> float | None:
    """Seconds; a date, which HTTP allows as well, AWS does not send."""
    asked = str(response.get("RetryAfterSeconds") or headers.get("retry-after") or "")
    return min(float(asked), LONGEST_WAIT) if asked.isascii() and asked.isdigit() else None
