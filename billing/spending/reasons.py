"""Why a refresh did not happen or changed nothing, in the founder's words."""

from datetime import datetime

from portal.aws import (
    AwsDenied,
    AwsError,
    AwsThrottled,
    AwsUnavailable,
    AwsUnreachable,
    AwsUnsupported,
)

CHANGED_MEANWHILE = (
    "Cost Explorer changed its figures while they were read. No figure was changed here; the next "
    "refresh reads them again."
)
_LOST_ITS_PLACE = "Cost Explorer lost its place between two pages."
_BY_CODE = {
    "BillExpirationException": "Cost Explorer was just closing a bill.",
    "DataUnavailableException": (
        "Cost Explorer has no data yet. Once it is switched on this takes AWS about a day."
    ),
    "InvalidNextTokenException": _LOST_ITS_PLACE,
    "RequestChangedException": _LOST_ITS_PLACE,
    "NoCredentialsError": "The portal has no AWS credentials. Set them in its environment.",
    "UnexpectedAnswer": "Cost Explorer's answer makes no sense to the portal.",
}
# The first kind that fits counts, so the narrower ones come first.
_BY_KIND: dict[type[AwsError], str] = {
    AwsDenied: (
        "AWS does not let the portal read costs. Allow its credentials ce:GetCostAndUsage, and "
        "switch Cost Explorer on in the billing console."
    ),
    AwsThrottled: "Cost Explorer is getting too many requests from this account.",
    AwsUnreachable: "Cost Explorer gave no answer.",
    AwsUnavailable: "Cost Explorer is out of order.",
    AwsUnsupported: "What answers in AWS's place has no Cost Explorer.",
    AwsError: "Cost Explorer refused the request.",
}


_NO_VERDICT = (AwsThrottled, AwsUnreachable, AwsUnavailable, AwsUnsupported)


def is_no_verdict(reason: str) -> bool:
    """Whether a refresh failed for what says nothing of this account's Cost Explorer."""
    return reason.startswith(tuple(_BY_KIND[kind] for kind in _NO_VERDICT))


def in_plain_words(error: AwsError) -> str:
    by_kind = next(words for kind, words in _BY_KIND.items() if isinstance(error, kind))
    return f"{_BY_CODE.get(error.code, by_kind)} No figure was changed. ({error.code})"


def nothing_found(service: str) -> str:
    return (
        f"Cost Explorer answered, but has no cost for the service “{service}” in these months. "
        "No figure was changed."
    )


def limit_reached(limit: int) -> str:
    return (
        f"The daily limit of {limit} paid requests to Cost Explorer is reached. "
        "It starts anew at 00:00 UTC."
    )


def died(times: int) -> str:
    return f"The worker stopped in the middle of it {times} times. No figure was changed."


def cooling_down(until: datetime) -> str:
    return (
        "Cost Explorer was read only minutes ago. "
        f"The next refresh is possible at {until:%H:%M:%S} UTC."
    )
