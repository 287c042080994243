"""The ledger, the control, and who may use them."""

import contextlib
import datetime as dt
import http.client
from pathlib import Path

import pytest

from portal.sandbox import company, history

STORE = company.IDENTITY_STORE_ID


def test_the_ledger_tells_who_asked_what_and_how_it_ended(sandbox):
    store = sandbox.client("identitystore")
    unique = {
        "UniqueAttribute": {"AttributePath": "emails.value", "AttributeValue": "nobody@x.example"}
    }

    with pytest.raises(store.exceptions.ResourceNotFoundException) as caught:
        store.get_user_id(IdentityStoreId=STORE, AlternateIdentifier=unique)

    (entry,) = sandbox.control("GET", "ledger")[1]
    assert (entry["service"], entry["operation"]) == ("identitystore", "GetUserId")
    assert entry["parameters"] == {"emails.value": "nobody@x.example"}
    assert (entry["status"], entry["error_code"]) == (400, "ResourceNotFoundException")
    assert entry["applied"] is False
    assert entry["request_id"] == caught.value.response["ResponseMetadata"]["RequestId"]


def test_the_ledger_is_filtered_by_service_operation_and_sequence(sandbox):
    store = sandbox.client("identitystore")
    store.list_users(IdentityStoreId=STORE)
    store.list_groups(IdentityStoreId=STORE)
    sandbox.client("sts").get_caller_identity()
    entries = sandbox.control("GET", "ledger")[1]

    def operations(query):
        return [entry["operation"] for entry in sandbox.control("GET", f"ledger?{query}")[1]]

    assert operations("service=identitystore") == ["ListUsers", "ListGroups"]
    assert operations("operation=ListGroups") == ["ListGroups"]
    assert operations(f"since={entries[1]['sequence']}") == ["GetCallerIdentity"]
    assert operations(f"since={entries[0]['at'].replace('+', '%2B')}") == [
        "ListGroups",
        "GetCallerIdentity",
    ]


def last_month():
    today = dt.datetime.now(dt.UTC).date()
    return {"Start": str(history.month_start(today, -1)), "End": str(history.month_start(today, 0))}


def test_the_summary_counts_what_cost_explorer_costs(sandbox):
    ce = sandbox.client("ce")
    for _ in range(3):
        ce.get_dimension_values(TimePeriod=last_month(), Dimension="SERVICE")

    _, summary = sandbox.control("GET", "ledger/summary")

    assert (summary["ce_requests"], summary["ce_cost_usd"]) == (3, "0.03")
    assert summary["operations"] == {"ce:GetDimensionValues": 3}


def test_the_ledger_can_be_emptied(sandbox):
    sandbox.client("sts").get_caller_identity()

    sandbox.control("DELETE", "ledger")

    assert sandbox.control("GET", "ledger")[1] == []
    assert sandbox.control("GET", "ledger/summary")[1]["requests"] == 0


def test_s3_objects_are_named_in_the_ledger(sandbox):
    s3 = sandbox.client("s3")

    s3.list_objects_v2(Bucket=company.REPORT_BUCKET, Prefix="kiro/", MaxKeys=1)
    s3.put_object(Bucket=company.REPORT_BUCKET, Key="a b/ü.csv", Body=b"x")

    listed, put = sandbox.control("GET", "ledger?service=s3")[1]
    assert (listed["operation"], listed["parameters"]["Prefix"]) == ("ListObjectsV2", "kiro/")
    assert (put["operation"], put["parameters"]["Bucket"]) == ("PutObject", company.REPORT_BUCKET)


def test_only_the_control_disables_a_user(sandbox):
    store = sandbox.client("identitystore")
    mateo = next(person for person in company.PEOPLE if person.given_name == "Mateo")

    status, _ = sandbox.control(
        "POST", "users", {"email": mateo.email.upper(), "status": "DISABLED"}
    )

    assert status == 200
    user = store.describe_user(IdentityStoreId=STORE, UserId=mateo.directory_user_id)
    assert user["UserStatus"] == "DISABLED"
    sandbox.control("POST", "users", {"user_id": mateo.directory_user_id, "status": "ENABLED"})


@pytest.mark.parametrize(
    "body", [{"email": "nobody@x.example", "status": "DISABLED"}, {"status": "GONE"}, {}, []]
)
def test_a_wrong_control_request_is_a_sentence(sandbox, body):
    status, answer = sandbox.control("POST", "users", body)

    assert (status, bool(answer["error"])) == (400, True)


def test_an_unknown_control_path_is_not_found(sandbox):
    assert sandbox.control("GET", "nonsense")[0] == 404


def status_of(sandbox, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", ""],
)
@pytest.mark.parametrize("path", ["/_sandbox/ledger", "/"])
def test_another_host_name_is_refused(sandbox, host, path):
    assert status_of(sandbox, path, Host=host) == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:1234", "[::1]:80", "bucket.localhost"])
def test_loopback_names_are_accepted(sandbox, host):
    assert status_of(sandbox, "/_sandbox/health", Host=host) == 200


@pytest.mark.parametrize("path", ["/_sandbox/ledger", "/"])
def test_a_browsers_script_is_refused(sandbox, path):
    assert status_of(sandbox, path, Origin="http://localhost:8000") == 403


def test_the_server_listens_on_loopback_only(sandbox):
    table = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]

    listening = {
        row[1] for row in table if row[3] == "0A" and row[1].endswith(f":{sandbox.port:04X}")
    }

    assert listening == {f"0100007F:{sandbox.port:04X}"}
