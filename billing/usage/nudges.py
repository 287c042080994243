"""A friendly mail to whoever does not use a paid seat: asked for by a founder, seen before it goes.

Once for each state: the key names the last day on which the member was active, so that the same
silence is never asked about twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from billing.usage import idle
from onboarding.models import Member, ReminderStop
from onboarding.reminding import reminders
from portal import audit
from portal.mailing import notices
from portal.mailing.notices import Letter
from portal.models import Notice, User, Workspace

KIND = "idle-seat"
NEVER = "never"


@dataclass(frozen=True, slots=True)
class Recipient:
    member: Member
    why_not: str = ""


def _key(member: Any) -> str:
    """`member`: with `last_day` on it (see `idle.members`)."""
    return f"{KIND}:{member.pk}:{member.last_day or NEVER}"


def asked_at(members: Sequence[Member]) -> dict[int, datetime]:
    """Who has been asked about their present silence, and when."""
    keys = {_key(member): member.pk for member in members}
    found = Notice.objects.filter(key__in=keys).values_list("key", "created_at")
    return {keys[key]: at for key, at in found}


def preview(members: Sequence[Member]) -> list[Recipient]:
    """To whom it would go, and why to some it would not."""
    asked = asked_at(members)
    stopped = set(ReminderStop.objects.filter(member__in=members).values_list("pk", flat=True))
    return [Recipient(member, _why_not(member.pk, asked, stopped)) for member in members]


def _why_not(pk: int, asked: dict[int, datetime], stopped: set[int]) -> str:
    if pk in asked:
        return f"was asked on {asked[pk].day} {asked[pk]:%b} and has not worked since"
    return "wants no reminders" if pk in stopped else ""


@transaction.atomic
def send(members: Sequence[Member], *, actor: User) -> int:
    """Put the mails into the outbox; how many."""
    due = [recipient.member for recipient in preview(members) if not recipient.why_not]
    for member in due:
        notices.post(kind=KIND, key=_key(member), to=member.email, about=f"member:{member.pk}")
    audit.record_many(_events(due), actor=actor)
    return len(due)


def _events(members: Iterable[Any]) -> Iterable[audit.Entry]:
    for member in members:
        quiet = {"last_day": member.last_day.isoformat() if member.last_day else None}
        yield audit.Entry("seat.asked_about", f"member:{member.pk}", quiet)


def render(notice: Notice) -> Letter:
    """Raises: notices.Obsolete when the member has worked since, left, or wants no reminders."""
    _, pk, day = notice.key.split(":")
    members = Member.objects.on_team().filter(pk=pk, reminder_stop=None)
    member: Any = members.annotate(last_day=idle.last_day()).first()
    if member is None or member.status == Member.Status.LEAVING:
        raise notices.Obsolete("The member has left or wants no reminders.")
    if str(member.last_day or NEVER) != day:
        raise notices.Obsolete("The member has worked since.")
    stop = reverse("onboarding:reminders-stop", args=[reminders.token_of(member)])
    return letter(member, stop_link=settings.BASE_URL + stop)


def letter(member: Any, *, stop_link: str = "a link of their own") -> Letter:
    """What it says to this member, who has `last_day` on them; for a founder without the key."""
    workspace = Workspace.load()
    context = {
        "member": member,
        "company": workspace.company_name,
        "link": settings.BASE_URL + reverse("onboarding:checklist"),
        "help_link": settings.BASE_URL + reverse("onboarding:help"),
        "stop_link": stop_link,
    }
    return Letter(
        subject=f"Your Kiro seat at {workspace.company_name}",
        text=render_to_string("billing/email/idle.txt", context),
        html=render_to_string("billing/email/idle.html", context),
    )
