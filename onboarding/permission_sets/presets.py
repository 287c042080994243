"""What a permission set may be made of: a few sensible presets, or any policy of AWS's own."""

import re
from dataclasses import dataclass

PARTITION = "aws"
_ARN = re.compile(r"arn:aws(-[a-z]{1,5}){0,3}:iam::aws:policy((/[A-Za-z0-9.,+@=_-]+)*)/[\w.,+=@-]+")
_NAME = re.compile(r"([A-Za-z0-9.,+@=_-]+/)*[A-Za-z0-9.,+=@_-]+")
_SESSION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:\d+S)?")
JOB_FUNCTIONS = {
    "Billing",
    "DatabaseAdministrator",
    "DataScientist",
    "NetworkAdministrator",
    "SupportUser",
    "SystemAdministrator",
    "ViewOnlyAccess",
}
"""AWS keeps these in a folder of their own, which nobody remembers."""
HOURS = range(1, 13)
DEFAULT_HOURS = 4


@dataclass(frozen=True, slots=True)
class Preset:
    """A permission set as most companies need it. `policy`: the name of AWS's own."""

    code: str
    label: str
    name: str
    description: str
    policy: str


PRESETS = (
    Preset(
        "read-only",
        "Read-only: sees everything, changes nothing",
        "ReadOnly",
        "Sees everything in the account, changes nothing",
        "ReadOnlyAccess",
    ),
    Preset(
        "billing",
        "Billing viewer: sees bills and budgets",
        "BillingView",
        "Sees bills and budgets, changes nothing",
        "AWSBillingReadOnlyAccess",
    ),
    Preset(
        "power",
        "Power user: everything but people and permissions",
        "PowerUser",
        "Everything but people and permissions",
        "PowerUserAccess",
    ),
)
BY_CODE = {preset.code: preset for preset in PRESETS}


def policy_arn(text: str, *, instance_arn: str = "") -> str:
    """The ARN of AWS's own policy of that name or ARN; empty for what is neither."""
    text = text.strip()
    if text.startswith("arn:"):
        return text if _ARN.fullmatch(text) else ""
    if not _NAME.fullmatch(text):
        return ""
    path = f"job-function/{text}" if text in JOB_FUNCTIONS else text
    return f"arn:{_partition(instance_arn)}:iam::aws:policy/{path}"


def _partition(instance_arn: str) -> str:
    """China's and the government's Regions have policies of their own."""
    return instance_arn.split(":")[1] if instance_arn.startswith("arn:") else PARTITION


def policy_name(arn: str) -> str:
    return arn.rpartition("/")[2]


def session(hours: int) -> str:
    return f"PT{hours}H"


def session_words(text: str) -> str:
    """PT1H30M in words; as it is when AWS writes it in another way."""
    found = _SESSION.fullmatch(text)
    if found is None:
        return text
    parts = zip((int(each or 0) for each in found.groups()), ("hour", "minute"), strict=True)
    return " ".join(f"{count} {word}{'s' * (count != 1)}" for count, word in parts if count)
