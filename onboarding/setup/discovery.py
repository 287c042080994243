"""What is there at AWS: whose credentials these are, which instances they see, which groups."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from django.conf import settings

from onboarding.gateways import identity_center
from onboarding.gateways.identity_center import Directory, Instance
from portal import aws
from portal.aws import AwsError

MOST_GROUPS = 300
"""More than anybody picks from a list; a group beyond them can still be named."""

_CREDENTIALS = (
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for temporary ones) in"
    " the environment of the portal's web and worker processes, or give the machine a role."
)


def discover(regions: Iterable[str], *, keep: Callable[[], None]) -> dict[str, Any]:
    """What a founder can pick from, as JSON. `keep` is called before each slow step.

    A Region that cannot be asked says why and stops no other. Raises: AwsError for credentials
    that are no good at all.
    """
    caller = aws.caller()
    asked = list(dict.fromkeys([settings.AWS_REGION, *regions]))
    seen = [_region(region, keep) for region in asked]
    return {"account_id": caller.account_id, "arn": caller.arn, "regions": seen}


def _region(region: str, keep: Callable[[], None]) -> dict[str, Any]:
    keep()
    try:
        instances = identity_center.list_instances(region)
        return {"name": region, "instances": [_instance(each, region) for each in instances]}
    except AwsError as error:
        return {"name": region, "instances": [], "problem": in_plain_words(error)}


def _instance(instance: Instance, region: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "arn": instance.arn,
        "store_id": instance.store_id,
        "account_id": instance.account_id,
        "status": instance.status,
        "sign_in_url": f"https://{instance.store_id}.awsapps.com/start",
    }
    try:
        groups = identity_center.list_groups(Directory(instance.store_id, region))
        names = sorted((name for _, name in islice(groups, MOST_GROUPS)), key=str.casefold)
        return {**found, "groups": names}
    except AwsError as error:
        return {**found, "groups": [], "problem": in_plain_words(error)}


def in_plain_words(error: AwsError) -> str:
    """What went wrong and what to do, for the page."""
    if error.code in {"NoCredentialsError", "PartialCredentialsError"}:
        return f"The portal has no AWS credentials. {_CREDENTIALS}"
    if isinstance(error, aws.AwsDenied):
        return _of_denied(error)
    if isinstance(error, aws.AwsUnreachable):
        return f"AWS gave no answer to {error.operation}. Is the Region's name right?"
    if isinstance(error, aws.AwsUnsupported):
        return f"What answers in AWS's place does not know {error.operation}."
    return f"AWS refused {error.operation}: {error.message}"


def _of_denied(error: aws.AwsDenied) -> str:
    if error.is_permission:
        return f"AWS does not allow {error.operation}: {error.message} Add it to the policy."
    return f"AWS does not accept the credentials: {error.message} {_CREDENTIALS}"
