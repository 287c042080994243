"""What CloudTrail saw at Northwind Labs: sign-ins to Identity Center, and what the Kiro console
asked for.

The records have the members of the real ones, the secret in `LoginTo` included, so that a test can
prove that nobody keeps it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from portal.sandbox import company, history
from portal.sandbox.company import ACCOUNT_ID, IDENTITY_STORE_ARN, REGION, Person

Event = dict[str, Any]
_DAYS_BETWEEN_SIGN_INS = 7
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "cloudtrail.northwind.example")


def of_company(anchor: date, *, now: datetime) -> Iterator[Event]:
    """Every sample event up to now, in no order."""
    for person in company.in_directory():
        yield from (
            event
            for event in _of_person(person, anchor=anchor, now=now)
            if event["EventTime"] <= now
        )
    subscribed = _at(anchor - timedelta(days=64), "subscribe/KiroPower")
    yield assignment(subscribed, group_id=company.PLAN_BY_CODE["power"].group_id, refused=False)


def _of_person(person: Person, *, anchor: date, now: datetime) -> Iterator[Event]:
    """A one-time code at first, then a sign-in a week for as long as the person works."""
    if person.signed_in_days_ago is None:
        return
    first = anchor - timedelta(days=person.signed_in_days_ago)
    credential = "PASSWORD,TOTP" if person.with_mfa else "PASSWORD"
    moment = _at(first, person.email)
    yield _of(person, moment, credential="EMAIL_OTP")
    yield _of(person, moment + timedelta(minutes=3), credential="PASSWORD", success=False)
    yield _of(person, moment + timedelta(minutes=4), credential=credential)
    idle_days = person.last_active_days_ago or 0
    last = now.date() if idle_days <= 1 else anchor - timedelta(days=idle_days)
    for days in range(_DAYS_BETWEEN_SIGN_INS, (last - first).days + 1, _DAYS_BETWEEN_SIGN_INS):
        yield _of(person, _at(first + timedelta(days=days), person.email), credential=credential)


def _of(person: Person, moment: datetime, *, credential: str, success: bool = True) -> Event:
    return sign_in(
        moment,
        user_id=person.directory_user_id,
        user_name=person.email,
        credential=credential,
        success=success,
    )


def _at(day: date, name: str) -> datetime:
    """Some minute of a working morning, always the same for this day and name."""
    return datetime.combine(day, time(7), UTC) + timedelta(
        minutes=int(history.draw(f"{day}/{name}") * 180)
    )


def sign_in(
    moment: datetime, *, user_id: str, user_name: str, credential: str, success: bool
) -> Event:
    """A UserAuthentication event as Identity Center writes it for a user of its own directory."""
    secret = f"SECRET-{uuid.uuid5(_NAMESPACE, user_name)}"
    detail = {
        "userIdentity": {
            "type": "IdentityCenterUser",
            "accountId": ACCOUNT_ID,
            "onBehalfOf": {"userId": user_id, "identityStoreArn": IDENTITY_STORE_ARN},
            "credentialId": str(uuid.uuid5(_NAMESPACE, user_id)),
        },
        "additionalEventData": {
            "AuthWorkflowID": str(uuid.uuid5(_NAMESPACE, f"{user_id}/{moment}")),
            "LoginTo": f"{company.SIGN_IN_URL}/?workflowResultHandle={secret}",
            "CredentialType": credential,
            "UserName": user_name,
        },
        "eventType": "AwsServiceEvent",
        "serviceEventDetails": {"UserAuthentication": "Success" if success else "Failure"},
        "readOnly": False,
    }
    return _event(
        moment,
        source="signin.amazonaws.com",
        name="UserAuthentication",
        user_name=user_name,
        detail=detail,
    )


def assignment(moment: datetime, *, group_id: str, refused: bool) -> Event:
    """A CreateAssignment event of the Kiro console; refused, it bears the account-level block of
    FACTS §1.1.
    """
    detail: dict[str, Any] = {
        "userIdentity": {
            "type": "AssumedRole",
            "accountId": ACCOUNT_ID,
            "principalId": "AROAEXAMPLE:founder",
        },
        "requestParameters": {"principalId": group_id, "principalType": "GROUP"},
        "eventType": "AwsApiCall",
        "readOnly": False,
    }
    if refused:
        detail["errorCode"] = "AccessDeniedException"
        detail["errorMessage"] = "Your account is not authorized to make this call."
    return _event(
        moment,
        source="q.amazonaws.com",
        name="CreateAssignment",
        user_name="founder",
        detail=detail,
    )


def _event(
    moment: datetime, *, source: str, name: str, user_name: str, detail: dict[str, Any]
) -> Event:
    event_id = str(
        uuid.uuid5(_NAMESPACE, f"{moment.isoformat()}/{name}/{user_name}/{json.dumps(detail)}")
    )
    record = {
        "eventVersion": "1.11",
        **detail,
        "eventTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": source,
        "eventName": name,
        "awsRegion": REGION,
        "sourceIPAddress": "203.0.113.24",
        "userAgent": "Mozilla/5.0",
        "responseElements": None,
        "requestID": str(uuid.uuid5(_NAMESPACE, event_id)),
        "eventID": event_id,
        "managementEvent": True,
        "recipientAccountId": ACCOUNT_ID,
        "eventCategory": "Management",
    }
    return {
        "EventId": event_id,
        "EventName": name,
        "ReadOnly": "false",
        "EventTime": moment,
        "EventSource": source,
        "Username": user_name,
        "Resources": [],
        "CloudTrailEvent": json.dumps(record),
    }
