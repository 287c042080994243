"""Gateway to CloudTrail: who signed in to Identity Center.

CloudTrail keeps 90 days a Region, answers two requests a second for everybody together, and
lists the newest first. An event's `LoginTo` holds a sign-in code: nothing of an event but what is
named in `SignIn` leaves this module, not even into a log.
API: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal import aws
from portal.aws import aws_call

KEPT = timedelta(days=90)
SECONDS_APART = 0.6
"""Less than two requests a second, since the founder's own console looks things up as well."""

_MFA = {"TOTP", "WEBAUTHN"}
_ONE_TIME_CODE = "EMAIL_OTP"


@dataclass(frozen=True, slots=True)
class SignIn:
    """A successful sign-in of a user of an identity store."""

    store_id: str
    user_id: str
    at: datetime
    is_with_mfa: bool
    is_by_mailed_code: bool


@dataclass(frozen=True, slots=True)
class Page:
    sign_ins: list[SignIn]
    token: str
    """Of the page after this one; empty at the end."""


def page(region: str, *, start: datetime, end: datetime, token: str = "") -> Page:
    """Up to 50 events of the time between. Raises: AwsError."""
    time.sleep(SECONDS_APART)
    more = {"NextToken": token} if token else {}
    wanted = {"AttributeKey": "EventName", "AttributeValue": "UserAuthentication"}
    with aws_call("LookupEvents"):
        answer = aws.client("cloudtrail", region).lookup_events(
            LookupAttributes=[wanted], StartTime=start, EndTime=end, MaxResults=50, **more
        )
    found = [_sign_in(event) for event in answer.get("Events", [])]
    return Page([one for one in found if one], answer.get("NextToken") or "")


def _sign_in(event: dict[str, Any]) -> SignIn | None:
    """None for a failed sign-in, and for events of a shape that we do not know."""
    try:
        detail = json.loads(event["CloudTrailEvent"])
        if detail["serviceEventDetails"]["UserAuthentication"] != "Success":
            return None
        who = detail["userIdentity"]["onBehalfOf"]
        said = str(detail.get("additionalEventData", {}).get("CredentialType", ""))
        credentials = {word.strip().upper() for word in said.split(",")}
        return SignIn(
            store_id=str(who["identityStoreArn"]).rpartition("/")[2],
            user_id=str(who["userId"]),
            at=event["EventTime"],
            is_with_mfa=bool(credentials & _MFA),
            is_by_mailed_code=credentials == {_ONE_TIME_CODE},
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        return None
