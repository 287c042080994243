"""What a webhook can tell of. The apps say when it happened, by `publishing.publish`."""

from dataclasses import dataclass

from django.db import models


class Event(models.TextChoices):
    MEMBER_JOINED = "member.joined", "A member has begun: the first step is done"
    MEMBER_VERIFIED = "member.verified", "A member is verified: all steps are done"
    MEMBER_TROUBLE = "member.trouble", "A member is in trouble or stuck"
    HELP_WANTED = "help.wanted", "A member asks for help"
    IMPORT_DONE = "import.done", "An import has taken everybody in"
    DRIFT_FOUND = "drift.found", "Identity Center and the team have come to differ"
    JOB_FAILING = "job.failing", "A job of the portal keeps failing"
    CREDITS_END = "money.credits-end", "The credits will end soon"
    GRANT_EXPIRES = "money.grant-expires", "Credits will expire unused"
    NET_CHARGE = "money.net-charge", "The first charge that no credits cover"
    BUDGET = "money.budget", "The month reaches its budget"
    NO_SEATS = "money.no-seats", "Spend without seats"
    STALE = "money.stale", "The figures of the spend are old"


TEST = "test"
"""Sent by the test button, whatever is chosen."""


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    events: tuple[Event, ...]


def groups() -> list[Group]:
    """All of them as the form shows them."""
    people = tuple(event for event in Event if event.startswith(("member.", "help.")))
    money = tuple(event for event in Event if event.startswith("money."))
    others = tuple(event for event in Event if event not in {*people, *money})
    return [Group("People", people), Group("The portal", others), Group("Money", money)]


def label_of(name: str) -> str:
    return str(Event(name).label) if name in Event.values else "Test"
