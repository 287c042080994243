"""What webhooks are told about members: begun, verified, in trouble, asking for help."""

from collections.abc import Sequence

from django.urls import reverse

from onboarding.models import Member, Step
from portal.webhooks import publishing
from portal.webhooks.events import Event

MOST_NAMED = 3


def progress(member: Member, *, before: tuple[int, str]) -> None:
    """`before`: the steps done and the status before this change. Each is told once for good."""
    steps_done, status = before
    if member.steps_done and not steps_done:
        _of_member(member, Event.MEMBER_JOINED, f"{member.full_name} has begun.")
    if member.status == Member.Status.VERIFIED != status:
        _of_member(member, Event.MEMBER_VERIFIED, f"{member.full_name} is verified.")


def _of_member(member: Member, event: Event, text: str) -> None:
    publishing.publish(
        event,
        key=f"{event}:{member.pk}",
        text=text,
        path=reverse("onboarding:member", args=[member.pk]),
        data={"member": member.pk, "name": member.full_name, "steps_done": member.steps_done},
    )


def help_wanted(member: Member, step: Step, *, call: int) -> None:
    """Not what they pasted: that is for the founder's eyes."""
    publishing.publish(
        Event.HELP_WANTED,
        key=f"{Event.HELP_WANTED}:{call}",
        text=f"{member.full_name} is stuck on “{step.label}” and waits for an answer.",
        path=reverse("onboarding:help-requests"),
        data={"member": member.pk, "name": member.full_name, "step": str(step)},
    )


def in_trouble(members: Sequence[Member], found: str) -> None:
    """The same trouble of one or of hundreds is one message. A call for help has its own."""
    if not found or found == Member.Trouble.ASKED_FOR_HELP or not members:
        return
    kind, first = Member.Trouble(found), members[0]
    one = reverse("onboarding:member", args=[first.pk])
    since = f"{first.trouble_since:%Y%m%d%H%M%S}" if first.trouble_since else ""
    publishing.publish(
        Event.MEMBER_TROUBLE,
        key=f"{Event.MEMBER_TROUBLE}:{kind}:{first.pk}:{since}",
        text=f"{_names(members)}: {kind.label}.",
        path=one if len(members) == 1 else reverse("onboarding:team") + "?status=trouble",
        data={"trouble": str(kind), "members": [member.pk for member in members]},
    )


def _names(members: Sequence[Member]) -> str:
    named = ", ".join(member.full_name for member in members[:MOST_NAMED])
    more = len(members) - MOST_NAMED
    return f"{named} and {more} more" if more > 0 else named
