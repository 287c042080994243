"""CloudTrail's LookupEvents: sign-ins, refused assignments, and its limits."""

import datetime as dt
import json

import pytest
from botocore.exceptions import ClientError

from portal.sandbox import company

NOW = dt.datetime.now(dt.UTC)
SIGN_INS = [{"AttributeKey": "EventName", "AttributeValue": "UserAuthentication"}]


@pytest.fixture
def trail(sandbox):
    sandbox.control("POST", "cloudtrail", {"rate": 0})
    return sandbox.client("cloudtrail", parameter_validation=False)


def records(answer):
    return [json.loads(event["CloudTrailEvent"]) for event in answer["Events"]]


def test_sign_ins_name_the_directory_user_and_the_credential(trail):
    found = records(
        trail.lookup_events(
            LookupAttributes=[
                {"AttributeKey": "Username", "AttributeValue": "ada@northwind.example"}
            ]
        )
    )

    assert {record["userIdentity"]["onBehalfOf"]["userId"] for record in found} == {
        company.PEOPLE[0].directory_user_id
    }
    credentials = {record["additionalEventData"]["CredentialType"] for record in found}
    assert {"EMAIL_OTP", "PASSWORD,TOTP"} <= credentials
    assert {record["serviceEventDetails"]["UserAuthentication"] for record in found} == {
        "Success",
        "Failure",
    }


def test_who_never_signed_in_has_no_event(trail):
    events = trail.lookup_events(
        LookupAttributes=[
            {"AttributeKey": "Username", "AttributeValue": "samuel@northwind.example"}
        ]
    )

    assert events["Events"] == []


def test_events_come_newest_first_in_pages(trail):
    first = trail.lookup_events(LookupAttributes=SIGN_INS, MaxResults=5)
    second = trail.lookup_events(
        LookupAttributes=SIGN_INS, MaxResults=5, NextToken=first["NextToken"]
    )

    times = [event["EventTime"] for event in first["Events"] + second["Events"]]
    assert len(times) == 10
    assert times == sorted(times, reverse=True)


def test_a_time_range_is_honoured(trail):
    start = NOW - dt.timedelta(days=10)

    events = trail.lookup_events(StartTime=start, EndTime=NOW)["Events"]

    assert events
    assert all(start <= event["EventTime"] <= NOW for event in events)


def test_no_assignment_is_refused_until_the_console_is(sandbox, trail):
    wanted = [{"AttributeKey": "EventSource", "AttributeValue": "q.amazonaws.com"}]
    before = records(trail.lookup_events(LookupAttributes=wanted))

    sandbox.control("POST", "refusals", {})

    after = records(trail.lookup_events(LookupAttributes=wanted))
    assert before
    assert not any("errorCode" in record for record in before)
    assert after[0]["errorCode"] == "AccessDeniedException"


def test_a_sign_in_can_be_made_to_happen(sandbox, trail):
    _, done = sandbox.control(
        "POST", "sign-ins", {"email": "SAMUEL@northwind.example", "credential": "WEBAUTHN"}
    )

    (newest,) = records(trail.lookup_events(LookupAttributes=SIGN_INS, MaxResults=1))
    assert newest["userIdentity"]["onBehalfOf"]["userId"] == done["user_id"]
    assert newest["additionalEventData"]["CredentialType"] == "WEBAUTHN"


def test_another_region_has_no_events(sandbox):
    assert sandbox.client("cloudtrail", region="eu-central-1").lookup_events()["Events"] == []


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"MaxResults": 51}, "InvalidMaxResultsException"),
        (
            {"StartTime": NOW, "EndTime": NOW - dt.timedelta(days=1)},
            "InvalidTimeRangeException",
        ),
        ({"LookupAttributes": SIGN_INS * 2}, "InvalidLookupAttributesException"),
        ({"NextToken": "nonsense"}, "InvalidNextTokenException"),
    ],
)
def test_a_request_outside_the_rules_is_refused(trail, parameters, code):
    with pytest.raises(ClientError) as caught:
        trail.lookup_events(**parameters)

    assert caught.value.response["Error"]["Code"] == code


def test_a_third_request_within_a_second_is_throttled(sandbox, trail):
    sandbox.control("POST", "cloudtrail", {"rate": 2})

    def storm():
        for _ in range(4):
            trail.lookup_events()

    with pytest.raises(ClientError) as caught:
        storm()

    assert caught.value.response["Error"]["Code"] == "ThrottlingException"
