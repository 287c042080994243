"""Northwind Labs, the sample company: its people, seat groups, plans and seats, as data and
functions of dates.

Imports nothing but the standard library, so that `seed_sandbox` can make the portal's own rows from
PEOPLE. All "days ago" count back from the anchor: the UTC day on which the sandbox was first
started.
"""

from __future__ import annotations

import dataclasses
import uuid
from decimal import Decimal

NAME = "Northwind Labs"
ACCOUNT_ID = "123456789012"  # what moto's STS answers, and what its backends are keyed by
REGION = "us-east-1"
IDENTITY_STORE_ID = "d-9067c1a2b3"
IDENTITY_STORE_ARN = f"arn:aws:identitystore::{ACCOUNT_ID}:identitystore/{IDENTITY_STORE_ID}"
INSTANCE_ARN = "arn:aws:sso:::instance/ssoins-7223c1a2b3d4e5f6"
APPLICATION_ARN = (
    f"arn:aws:sso::{ACCOUNT_ID}:application/ssoins-7223c1a2b3d4e5f6/apl-7223c1a2b3d4e5f6"
)
APPLICATION_NAME = "KiroProfile-us-east-1"
SIGN_IN_URL = f"https://{IDENTITY_STORE_ID}.awsapps.com/start"
PROFILE_ID = f"arn:aws:codewhisperer:us-east-1:{ACCOUNT_ID}:profile/NORTHWINDLABS"
REPORT_BUCKET = "northwind-kiro-reports"
REPORT_PREFIX = "kiro"

SENDER_DOMAIN = "northwind.example"

STEPS = ("activate", "cancel-individual", "sign-out", "org-sign-in", "verify-plan")

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "northwind.example")


def directory_id(kind: str, name: str) -> str:
    """An id as an older us-east-1 identity store makes it: the store's ten digits, then a UUID,
    always the same.
    """
    return f"{IDENTITY_STORE_ID[2:]}-{uuid.uuid5(NAMESPACE, f'{kind}/{name}')}"


@dataclasses.dataclass(frozen=True)
class KiroPlan:
    """A plan as AWS bills and reports it: price in USD a month, credits a month (FACTS §2)."""

    code: str
    group_name: str
    usage_type: str
    tier: str
    price: Decimal
    credits: int

    @property
    def group_id(self) -> str:
        return directory_id("group", self.group_name)


PLANS = (
    KiroPlan("pro", "KiroPro", "USE1-KiroEnterprise-Pro", "PRO", Decimal(20), 1000),
    KiroPlan(
        "pro-plus", "KiroProPlus", "USE1-KiroEnterprise-ProPlus", "PRO_PLUS", Decimal(40), 2000
    ),
    KiroPlan("pro-max", "KiroProMax", "USE1-KiroEnterprise-ProMax", "PRO_MAX", Decimal(100), 5000),
    KiroPlan("power", "KiroPower", "USE1-KiroEnterprise-Power", "POWER", Decimal(200), 10000),
)
PLAN_BY_CODE = {plan.code: plan for plan in PLANS}


@dataclasses.dataclass(frozen=True)
class Person:
    """One sample person: what AWS holds of them, and what they told the portal.

    `told` are the steps they ticked themselves, `seen` those for which AWS holds evidence (a step
    may be in both), beginning so many hours after the invitation. `individual_plan` is "none",
    "cancelled" or "still-paid". `trouble` is a short story, empty when all is well.
    """

    given_name: str
    family_name: str
    email: str
    plan: str
    invited_days_ago: int
    began_after_hours: int = 4
    in_directory: bool = True
    in_seat_group: bool = True
    disabled: bool = False
    signed_in_days_ago: int | None = None
    with_mfa: bool = False
    told: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    individual_plan: str = "none"
    last_active_days_ago: int | None = None
    reported_tier: str = ""  # the plan that the report names; the person's own when empty
    trouble: str = ""

    @property
    def display_name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def user_name(self) -> str:
        return self.email

    @property
    def directory_user_id(self) -> str:
        return directory_id("user", self.email)


PEOPLE = (
    Person(
        "Ada",
        "Lovelace",
        "ada@northwind.example",
        "pro-plus",
        12,
        began_after_hours=9,
        signed_in_days_ago=12,
        with_mfa=True,
        told=STEPS,
        seen=("activate", "org-sign-in", "verify-plan"),
        individual_plan="cancelled",
        last_active_days_ago=0,
    ),
    Person(
        "Tom",
        "Okafor",
        "tom@northwind.example",
        "pro-plus",
        4,
        began_after_hours=28,
        signed_in_days_ago=2,
        with_mfa=True,
        told=("activate", "cancel-individual", "sign-out", "org-sign-in"),
        seen=("activate",),
        trouble="seat not there: 26 hours in the seat group, and Kiro finds no subscription",
    ),
    Person(
        "Priya",
        "Raman",
        "priya@northwind.example",
        "pro-plus",
        6,
        began_after_hours=7,
        signed_in_days_ago=5,
        with_mfa=True,
        told=("activate", "cancel-individual", "sign-out"),
        seen=("activate",),
        trouble="wrong identity: sees 50 credits",
    ),
    Person(
        "Lena",
        "Brandt",
        "lena@northwind.example",
        "pro",
        9,
        began_after_hours=4,
        signed_in_days_ago=8,
        with_mfa=True,
        told=("activate",),
        seen=("activate",),
        individual_plan="still-paid",
        last_active_days_ago=5,
        trouble="pays twice: the individual plan still runs",
    ),
    Person(
        "Mateo",
        "Silva",
        "mateo@northwind.example",
        "pro-plus",
        131,
        began_after_hours=74,
        signed_in_days_ago=130,
        with_mfa=True,
        told=STEPS,
        seen=("activate", "org-sign-in", "verify-plan"),
        last_active_days_ago=0,
    ),
    Person(
        "Zoë",
        "Kravčenko",
        "zoe@northwind.example",
        "power",
        62,
        began_after_hours=26,
        signed_in_days_ago=62,
        with_mfa=True,
        told=STEPS,
        seen=("activate", "org-sign-in", "verify-plan"),
        individual_plan="cancelled",
        last_active_days_ago=0,
    ),
    Person(
        "Noor",
        "Haddad",
        "noor@northwind.example",
        "pro-plus",
        0,
        in_directory=False,
        in_seat_group=False,
    ),
    Person(
        "Jonas",
        "Weber",
        "jonas@northwind.example",
        "pro-plus",
        6,
        began_after_hours=20,
        signed_in_days_ago=5,
        told=("activate", "cancel-individual", "sign-out", "org-sign-in"),
        seen=("activate", "org-sign-in"),
        last_active_days_ago=0,
        reported_tier="pro",
        trouble="wrong plan: pays Pro+, and the report says that he works on Pro",
    ),
    Person(
        "Ines",
        "Duarte",
        "ines@northwind.example",
        "pro-plus",
        128,
        began_after_hours=3,
        signed_in_days_ago=127,
        with_mfa=True,
        told=STEPS,
        seen=("activate", "org-sign-in", "verify-plan"),
        last_active_days_ago=19,
        trouble="idle for 19 days: $40 a month unused",
    ),
    Person(
        "美咲",
        "佐藤",
        "misaki@northwind.example",
        "pro-plus",
        116,
        began_after_hours=51,
        in_seat_group=False,
        signed_in_days_ago=115,
        with_mfa=True,
        told=STEPS,
        seen=("activate", "org-sign-in", "verify-plan"),
        last_active_days_ago=3,
        trouble="drift: somebody took her out of the seat group",
    ),
    Person(
        "Samuel",
        "Adeyemi",
        "samuel@northwind.example",
        "pro-max",
        14,
        trouble="never signed in: 14 days since the invitation",
    ),
    Person(
        "Grace",
        "O'Neill",
        "grace@northwind.example",
        "pro-plus",
        104,
        began_after_hours=190,
        disabled=True,
        signed_in_days_ago=102,
        told=("activate", "cancel-individual", "sign-out", "org-sign-in", "verify-plan"),
        seen=("activate", "org-sign-in"),
        individual_plan="cancelled",
        last_active_days_ago=11,
        trouble="drift: disabled in Identity Center",
    ),
)

# A paid seat nobody in the portal knows: left for the drift report to find.
STRANGER = Person(
    "Dana",
    "Whitfield",
    "dana.whitfield@contractor.example",
    "pro-plus",
    120,
    signed_in_days_ago=88,
    last_active_days_ago=1,
)

FOUNDERS = (
    ("founder@northwind.example", "Helen", "Moss"),
    ("cto@northwind.example", "Raj", "Patel"),
)


def in_directory() -> tuple[Person, ...]:
    """Everyone the identity store holds at the first start, the stranger among them."""
    return (*(person for person in PEOPLE if person.in_directory), STRANGER)
