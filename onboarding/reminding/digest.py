"""The founders' weekly digest: who needs them, the worst first. One mail a founder and week."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from onboarding.models import Member, ReminderSettings
from onboarding.reminding import reminders
from onboarding.steps import double_billing
from onboarding.team import explanations
from portal.mailing import notices
from portal.mailing.notices import Letter
from portal.models import Notice, User, Workspace

KIND = "digest"
DAYS = (0, 1)
"""Monday; Tuesday makes up for a Monday on which the portal stood still."""

MOST_NAMED = 30
_FIRST = (Member.Trouble.ASKED_FOR_HELP, Member.Trouble.WRONG_IDENTITY, Member.Trouble.PAYS_TWICE)
_PLACES = {found: place for place, found in enumerate(dict.fromkeys([*_FIRST, *Member.Trouble]))}


def week_due(*, now: datetime, zone: ZoneInfo) -> str | None:
    """The week whose digest may go out now, as `2026-W47`. Pure."""
    local = now.astimezone(zone)
    if local.weekday() not in DAYS or not reminders.is_working_hour(now, zone):
        return None
    return "{0.year}-W{0.week:02}".format(local.isocalendar())


def send_due(*, now: datetime) -> int:
    """Put the week's digest into the outbox, unless there is nothing to say; how many are due."""
    week = week_due(now=now, zone=ZoneInfo(ReminderSettings.load().time_zone))
    if week is None or not _unfinished().exists():
        return 0
    founders = list(_founders())
    for founder in founders:
        notices.post(kind=KIND, key=f"{KIND}:{week}:{founder.pk}", to=founder.email)
    return len(founders)


def _founders() -> QuerySet[User]:
    return User.objects.filter(role=User.Role.FOUNDER, is_active=True)


def _unfinished() -> QuerySet[Member]:
    members = Member.objects.on_team()
    return members.filter(~Q(status=Member.Status.VERIFIED) | ~Q(trouble=""))


def in_order(members: list[Member], *, now: datetime) -> list[Member]:
    """The worst first, then the longest. Pure."""
    return sorted(
        members, key=lambda one: (_PLACES[Member.Trouble(one.trouble)], one.trouble_since or now)
    )


def render(notice: Notice) -> Letter:
    """Raises: notices.Obsolete when the founder is none any more, or nothing is left to say;
    notices.NotNow.
    """
    if not _founders().filter(pk=notice.key.split(":")[2]).exists() or not _unfinished().exists():
        raise notices.Obsolete("No founder any more, or everybody is done.")
    reminders.wait_for_working_hour(timezone.now())
    context = _context(now=notice.created_at)
    return Letter(
        subject=_subject(context),
        text=render_to_string("onboarding/email/digest.txt", context),
        html=render_to_string("onboarding/email/digest.html", context),
    )


def _subject(context: dict[str, Any]) -> str:
    count = context["in_trouble"]
    needs = f"{count} need{'s' if count == 1 else ''} you" if count else "nobody is in trouble"
    return f"Kiro at {context['company']} this week: {needs}"


def _context(*, now: datetime) -> dict[str, Any]:
    people = list(explanations.with_facts(Member.objects.in_trouble().select_related("plan")))
    named = in_order(people, now=now)[:MOST_NAMED]
    on_team = Member.objects.on_team()
    at_risk = double_billing.at_risk()
    return {
        "company": Workspace.load().company_name,
        "people": on_team.count(),
        "verified": on_team.filter(status=Member.Status.VERIFIED).count(),
        "in_trouble": len(people),
        "lines": [_line(member) for member in named],
        "more": len(people) - len(named),
        "at_risk": at_risk if at_risk.amount > Decimal(0) else None,
        "link": settings.BASE_URL + reverse("onboarding:team") + "?status=trouble",
    }


def _line(member: Member) -> dict[str, str]:
    path = reverse("onboarding:member", args=[member.pk])
    return {
        "name": member.full_name,
        "what": str(Member.Trouble(member.trouble).label),
        "why": explanations.of(member),
        "link": settings.BASE_URL + path,
    }
