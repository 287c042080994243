"""What the sandbox does not offer is said clearly, by it, and never asked of a real network."""

import contextlib
import http.client
import subprocess
import sys
import urllib.request

import pytest
from botocore.exceptions import ClientError

from portal.sandbox import company


def error_of(call, **parameters):
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return caught.value.response["Error"]


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("ce", "get_tags", {"TimePeriod": {"Start": "2026-01-01", "End": "2026-01-02"}}),
        ("cloudtrail", "list_trails", {}),
        ("sso-admin", "list_application_providers", {}),
        ("iam", "list_users", {}),
        ("ec2", "describe_instances", {}),
        ("dynamodb", "list_tables", {}),
    ],
)
def test_an_operation_it_has_not_is_an_error_of_its_own(sandbox, service, operation, parameters):
    error = error_of(getattr(sandbox.client(service), operation), **parameters)

    assert error["Code"] == "UnknownOperationException"
    assert "sandbox does not offer" in error["Message"]


@pytest.mark.parametrize("path", ["/", "/moto-api/", "/moto-api/reset", "/latest/meta-data/"])
def test_an_unsigned_request_is_refused(sandbox, path):
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=60)

    with contextlib.closing(connection):
        connection.request("POST", path)

        assert connection.getresponse().status == 403


def test_every_answer_bears_its_request_id(sandbox):
    answers = [
        sandbox.client("sts").get_caller_identity(),
        sandbox.client("s3").list_buckets(),
        sandbox.client("sso-admin").list_permission_sets(InstanceArn=company.INSTANCE_ARN),
        sandbox.client("identitystore").list_groups(IdentityStoreId=company.IDENTITY_STORE_ID),
    ]

    ids = {answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"] for answer in answers}
    assert ids == {entry["request_id"] for entry in sandbox.control("GET", "ledger")[1]}


def test_mail_can_be_sent_from_the_companys_domain(sandbox):
    answer = sandbox.client("sesv2").send_email(
        FromEmailAddress="kiro@northwind.example",
        Destination={"ToAddresses": ["ada@northwind.example"]},
        Content={"Simple": {"Subject": {"Data": "Hi"}, "Body": {"Text": {"Data": "Hi"}}}},
    )

    assert answer["MessageId"]


def test_a_presigned_url_is_served(sandbox):
    s3 = sandbox.client("s3", signature_version="s3v4")
    s3.put_object(Bucket=company.REPORT_BUCKET, Key="signed.txt", Body=b"signed")
    url = s3.generate_presigned_url(
        "get_object", {"Bucket": company.REPORT_BUCKET, "Key": "signed.txt"}
    )

    with urllib.request.urlopen(url, timeout=60) as answer:
        assert answer.read() == b"signed"


def test_the_company_imports_neither_moto_nor_django():
    program = "import sys, portal.sandbox.company; print(sorted({'moto', 'django', 'botocore', 'flask'} & set(sys.modules)))"

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_an_unknown_argument_is_a_sentence():
    done = subprocess.run(
        [sys.executable, "-m", "portal.sandbox"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "--port" in done.stderr


def test_a_taken_port_is_a_sentence(sandbox, tmp_path):
    command = [
        sys.executable,
        "-m",
        "portal.sandbox",
        "--port",
        str(sandbox.port),
        "--state",
        str(tmp_path),
    ]

    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert str(sandbox.port) in done.stderr
