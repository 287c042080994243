"""AWS's wire format: reading a signed request, writing an answer or an error as the service's
protocol has it.
"""

from __future__ import annotations

import dataclasses
import json
import re
import uuid
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

# The prefix of X-Amz-Target (botocore: metadata.targetPrefix, its last part) → boto3's service
# name.
TARGETS = {
    "AWSIdentityStore": "identitystore",
    "SWBExternalService": "sso-admin",
    "AWSInsightsIndexService": "ce",
    "AWSBilling": "billing",
    "CloudTrail_20131101": "cloudtrail",
}
_CREDENTIAL = re.compile(r"Credential=([^/,\s]*)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request")


class AwsError(Exception):
    """What AWS answers instead of a result: a code, a message, a status and the members of the
    error's shape.
    """

    def __init__(self, code: str, message: str, *, status: int = 400, **members: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members


@dataclasses.dataclass
class Call:
    """One request to AWS, as the sandbox understood it."""

    service: str
    region: str
    operation: str
    params: dict[str, Any]
    environ: dict[str, Any]
    body: bytes
    request_id: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def is_json(self) -> bool:
        return "HTTP_X_AMZ_TARGET" in self.environ


@dataclasses.dataclass(frozen=True)
class Answer:
    """An HTTP answer: status code, headers, whole body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    error_code: str = ""


def read(environ: dict[str, Any]) -> Call:
    """What is asked of which service in which Region. Raises no error: the parts may be empty."""
    body = _body(environ)
    region, scope = _scope(environ)
    target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
    if target:
        prefix, _, operation = target.rpartition(".")
        service = TARGETS.get(prefix.rpartition(".")[2], scope)
        return Call(service, region, operation, _json_params(body), environ, body)
    operation, params = _other_operation(scope, environ, body)
    return Call(scope, region, operation, params, environ, body)


def _body(environ: dict[str, Any]) -> bytes:
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        return bytes(stream.read())
    return bytes(stream.read(int(environ.get("CONTENT_LENGTH") or 0)))


def _scope(environ: dict[str, Any]) -> tuple[str, str]:
    """(Region, signing name) of the credential scope, in the header or in a presigned URL; empty
    when unsigned.
    """
    signed = str(environ.get("HTTP_AUTHORIZATION", ""))
    if not signed:
        query = parse_qs(str(environ.get("QUERY_STRING", "")))
        signed = "Credential=" + query.get("X-Amz-Credential", [""])[0]
    found = _CREDENTIAL.search(signed)
    return (found[3], found[4]) if found else ("", "")


def _json_params(body: bytes) -> dict[str, Any]:
    try:
        params = json.loads(body or b"{}")
    except ValueError:
        return {}
    return params if isinstance(params, dict) else {}


def _other_operation(
    service: str, environ: dict[str, Any], body: bytes
) -> tuple[str, dict[str, Any]]:
    if service == "s3":
        return _s3_operation(environ)
    path = str(environ.get("PATH_INFO", "/"))
    if path == "/v2/email/outbound-emails":
        return "SendEmail", {}
    form = parse_qs(body.decode("utf-8", "replace")) if len(body) < 100_000 else {}
    action = form.get("Action", [""])[0]
    return action or f"{environ['REQUEST_METHOD']} {path}", {}


def _s3_operation(environ: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    bucket, _, key = str(environ.get("PATH_INFO", "/")).lstrip("/").partition("/")
    query = parse_qs(str(environ.get("QUERY_STRING", "")), keep_blank_values=True)
    method = str(environ["REQUEST_METHOD"]).title()
    if not bucket:
        return "ListBuckets", {}
    if key:
        return f"{method}Object", {"Bucket": bucket, "Key": key}
    if method == "Get" and ("list-type" in query or "prefix" in query or not query):
        return "ListObjectsV2", {"Bucket": bucket, "Prefix": query.get("prefix", [""])[0]}
    return f"{method}Bucket", {"Bucket": bucket}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def result(call: Call, value: dict[str, Any]) -> Answer:
    """The JSON answer to a call; datetimes become seconds since 1970, as AWS JSON 1.1 has them."""
    body = json.dumps(value, default=_plain).encode()
    return Answer(200, _headers(call, "application/x-amz-json-1.1", body), body)


def failure(call: Call, error: AwsError) -> Answer:
    """The error in the protocol that the caller speaks: JSON, S3's XML, or the query protocol's
    XML.
    """
    if call.is_json or call.environ.get("PATH_INFO", "").startswith("/v2/"):
        return _json_failure(call, error)
    code, message = escape(error.code), escape(error.message)
    core = f"<Code>{code}</Code><Message>{message}</Message>"
    if call.service == "s3":
        text = f"<Error>{core}<RequestId>{call.request_id}</RequestId></Error>"
    else:
        error_part = f"<Error><Type>Sender</Type>{core}</Error>"
        request_part = f"<RequestId>{call.request_id}</RequestId>"
        text = f"<ErrorResponse>{error_part}{request_part}</ErrorResponse>"
    body = text.encode()
    return Answer(error.status, _headers(call, "text/xml", body), body, error.code)


def _json_failure(call: Call, error: AwsError) -> Answer:
    # Services differ in the case of this key; botocore fills the modelled member from the one that
    # fits.
    value = {"__type": error.code, "message": error.message, "Message": error.message}
    value |= {"RequestId": call.request_id, **error.members}
    body = json.dumps(value).encode()
    headers = _headers(call, "application/x-amz-json-1.1", body)
    return Answer(error.status, [*headers, ("x-amzn-ErrorType", error.code)], body, error.code)


def _headers(call: Call, content_type: str, body: bytes) -> list[tuple[str, str]]:
    return [
        ("Content-Type", content_type),
        ("Content-Length", str(len(body))),
        ("x-amzn-RequestId", call.request_id),
    ]
