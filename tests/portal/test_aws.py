"""The door to AWS: what goes wrong, translated by what the caller should do."""

import threading
from concurrent.futures import ThreadPoolExecutor

import boto3.session
import pytest
from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
    UnauthorizedSSOTokenError,
)
from botocore.parsers import ResponseParserError

from portal import aws, pacing


def client_error(code, status=400, **more):
    response = {
        "Error": {"Code": code, "Message": "said AWS"},
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "req-1"},
        **more,
    }
    return ClientError(response, "CreateUser")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (client_error("ConflictException"), aws.AwsConflict),
        (client_error("ResourceNotFoundException"), aws.AwsNotFound),
        (client_error("ThrottlingException"), aws.AwsThrottled),
        (client_error("LimitExceededException"), aws.AwsThrottled),
        (client_error("AccessDeniedException"), aws.AwsDenied),
        (client_error("ExpiredTokenException"), aws.AwsDenied),
        (client_error("InternalServerException", 500), aws.AwsUnavailable),
        (client_error("SomethingNew", 503), aws.AwsUnavailable),
        (client_error("ValidationException"), aws.AwsError),
        (client_error("SomethingNew", 400), aws.AwsError),
        (client_error("429", 429), aws.AwsThrottled),
        (client_error("InvalidAccessKeyId", 403), aws.AwsDenied),
        (client_error("RequestTimeTooSkewed", 403), aws.AwsDenied),
        (client_error("UnknownOperationException"), aws.AwsUnsupported),
        (client_error("404", 404), aws.AwsUnsupported),
        (client_error("InternalFailure", 501), aws.AwsUnsupported),
        (client_error("NoSuchBucket", 404), aws.AwsError),
        (EndpointConnectionError(endpoint_url="http://x"), aws.AwsUnreachable),
        (ReadTimeoutError(endpoint_url="http://x"), aws.AwsUnreachable),
        (NoCredentialsError(), aws.AwsDenied),
        (CredentialRetrievalError(provider="p", error_msg="x"), aws.AwsDenied),
        (UnauthorizedSSOTokenError(), aws.AwsDenied),
        (ResponseParserError("not XML"), aws.AwsUnavailable),
        (ParamValidationError(report="x"), aws.AwsError),
    ],
)
def test_kind(error, kind):
    with pytest.raises(aws.AwsError) as caught, aws.aws_call("CreateUser"):
        raise error

    assert type(caught.value) is kind


def test_what_aws_says_of_the_refusal_is_kept():
    with pytest.raises(aws.AwsError) as caught, aws.aws_call("CreateUser"):
        raise client_error("ConflictException", Reason="UNIQUENESS_CONSTRAINT_VIOLATION")

    error = caught.value
    assert (error.reason, error.request_id) == ("UNIQUENESS_CONSTRAINT_VIOLATION", "req-1")


def test_the_pause_that_aws_asks_for_is_kept():
    with pytest.raises(aws.AwsThrottled) as caught, aws.aws_call("CreateUser"):
        raise client_error("ThrottlingException", RetryAfterSeconds=7)

    assert caught.value.retry_after == 7


@pytest.mark.parametrize(
    ("said", "seconds"), [("30", 30), ("99999999999", 3600), ("Wed, 21 Oct", None), ("", None)]
)
def test_the_pause_may_stand_in_the_headers_and_is_never_absurd(said, seconds):
    error = client_error("ServiceUnavailable", 503)
    error.response["ResponseMetadata"]["HTTPHeaders"] = {"retry-after": said}

    with pytest.raises(aws.AwsUnavailable) as caught, aws.aws_call("ListUsers"):
        raise error

    assert caught.value.retry_after == seconds


def test_a_page_of_html_is_no_message():
    error = client_error("500", 500)
    error.response["Error"]["Message"] = "<!doctype html>\n<title>500 Internal Server Error</title>"

    with pytest.raises(aws.AwsUnavailable) as caught, aws.aws_call("LookupEvents"):
        raise error

    assert caught.value.message == "HTTP 500, without a reason."


def test_a_role_that_may_not_be_taken_is_named():
    error = ClientError(client_error("AccessDenied", 403).response, "AssumeRole")

    with pytest.raises(aws.AwsDenied) as caught, aws.aws_call("CreateUser"):
        raise error

    assert caught.value.operation == "AssumeRole"


def test_a_profile_that_is_not_there_is_bad_credentials(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody-has-this")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    aws.client.cache_clear()

    with pytest.raises(aws.AwsDenied) as caught:
        aws.caller()

    assert not caught.value.is_permission


def test_every_attempt_waits_for_its_turn(aws, monkeypatch):
    from portal import aws as door

    turns = []
    monkeypatch.setattr(pacing, "wait_for_turn", lambda: turns.append(1))
    aws.fault(operation="ListUsers", kind="error", times=1)

    door.client("identitystore").list_users(IdentityStoreId="d-9067c1a2b3")

    assert len(turns) == 2


@pytest.mark.parametrize(("service", "slowed"), [("identitystore", 2), ("ce", 0)])
def test_only_the_shared_quota_slows_us_down(aws, monkeypatch, service, slowed):
    from portal import aws as door

    calls = []
    monkeypatch.setattr(pacing, "slow_down", lambda: calls.append(1))
    aws.fault(service=service, operation="*", kind="throttle")
    asks = {
        "identitystore": lambda client: client.list_users(IdentityStoreId="d-9067c1a2b3"),
        "ce": lambda client: client.get_cost_and_usage(
            TimePeriod={"Start": "2026-01-01", "End": "2026-01-02"},
            Granularity="DAILY",
            Metrics=["UnblendedCost"],
        ),
    }

    with pytest.raises(door.AwsThrottled), door.aws_call("Anything"):
        asks[service](door.client(service))

    assert len(calls) == slowed


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ("http://localhost:4566", "http://localhost:4566/reports/"),
        ("", "https://reports.s3.amazonaws.com/"),
    ],
)
def test_at_an_endpoint_of_ones_own_the_bucket_stands_in_the_path(monkeypatch, endpoint, address):
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    aws.client.cache_clear()

    url = aws.client("s3").generate_presigned_url("get_object", {"Bucket": "reports", "Key": "a"})

    aws.client.cache_clear()
    assert url.startswith(address)


def test_threads_that_ask_at_once_share_one_client(monkeypatch):
    second_is_there, made = threading.Event(), []

    def slow(service, region):
        made.append((service, region))
        second_is_there.wait(30)
        return object()

    def ask_second():
        second_is_there.set()
        return aws.client("sts")

    monkeypatch.setattr(aws, "_make", slow)

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(aws.client, "sts")
        second = threads.submit(ask_second)

    assert first.result() is second.result()
    assert len(made) == 1


@pytest.mark.parametrize("region", ["eu-central-1", "us-gov-west-1", "cn-north-1", "xx-new-1"])
def test_what_is_left_out_of_botocores_data_changes_no_address(monkeypatch, region):
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    whole = boto3.session.Session(region_name=region)
    services = ["billing", "ce", "cloudtrail", "identitystore", "s3", "sso-admin", "sts"]

    found = [aws.client(service, region).meta for service in services]

    expected = [whole.client(service).meta for service in services]
    assert [each.endpoint_url for each in found] == [each.endpoint_url for each in expected]
