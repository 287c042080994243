"""Gateway to CloudTrail: did AWS refuse the Kiro console when it asked for seats?

The Kiro console's `CreateAssignment` is recorded in the Region of Identity Center or of the Kiro
profile. LookupEvents allows two requests a second and takes one attribute.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from portal import aws
from portal.aws import aws_call

SOURCES = ("q.amazonaws.com", "user-subscriptions.amazonaws.com", "kiro.amazonaws.com")
"""The endpoint has moved before; refusals under any of these names mean the same."""

MOST_PAGES = 5
BETWEEN_PAGES = 0.6


@dataclass(frozen=True, slots=True)
class Assignment:
    """One request of the Kiro console for a seat. `error` is empty when AWS granted it."""

    at: datetime
    region: str
    principal_id: str
    error: str
    message: str
    request_id: str


def assignments(region: str) -> list[Assignment]:
    """The requests of the last 90 days, newest first. Raises: AwsError."""
    return [found for event in _events(region) if (found := _assignment(event, region))]


def _events(region: str) -> Iterator[dict[str, Any]]:
    asked: dict[str, Any] = {
        "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "CreateAssignment"}]
    }
    for page in range(MOST_PAGES):
        if page:
            time.sleep(BETWEEN_PAGES)
        with aws_call("LookupEvents"):
            answer = aws.client("cloudtrail", region).lookup_events(**asked)
        yield from answer.get("Events", [])
        if not answer.get("NextToken"):
            return
        asked["NextToken"] = answer["NextToken"]


def _assignment(event: dict[str, Any], region: str) -> Assignment | None:
    try:
        record = json.loads(event.get("CloudTrailEvent") or "{}")
    except ValueError:
        return None
    if event.get("EventSource") not in SOURCES:
        return None
    return Assignment(
        at=event["EventTime"].astimezone(UTC),
        region=str(record.get("awsRegion") or region),
        principal_id=str((record.get("requestParameters") or {}).get("principalId", "")),
        error=str(record.get("errorCode", "")),
        message=str(record.get("errorMessage", "")),
        request_id=str(record.get("requestID", "")),
    )
