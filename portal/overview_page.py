"""What the founder's first page says, from our own tables alone."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from billing import periods, spend
from onboarding import board, trouble
from onboarding.models import Member, Step
from portal.models import Workspace

MOST_NEEDS = 6


def context() -> dict[str, Any]:
    team = _team()
    return {
        "greeting_state": _greeting(team),
        "spend": _spend(timezone.now()),
        "team": team,
        "needs": _needs(),
        "setup": {"is_connected": Workspace.load().is_connected},
    }


def _spend(now: datetime) -> dict[str, Any] | None:
    """This month's three numbers, in the currency with the most of it; None before any data."""
    freshness = spend.freshness(now)
    if freshness.data_to is None:
        return None
    sums = spend.totals(periods.named("this-month", today=now.date()))
    currency, month = max(
        sums.items(), key=lambda item: item[1].used, default=("USD", spend.Sums())
    )
    return {
        "used": month.used,
        "credits": -month.credits,
        "paid": month.net,
        "currency": currency,
        "month": now.date(),
        "refreshed_at": freshness.refreshed_at,
    }


def _team() -> dict[str, int]:
    """The funnel: how many came how far."""

    def with_step(step: Step, **how: bool) -> Count:
        return Count("pk", filter=Q(steps__step=step, **how), distinct=True)

    on_team = Member.objects.on_team()
    counts: dict[str, int] = on_team.aggregate(
        people=Count("pk", distinct=True),
        invited=Count("pk", filter=Q(invited_at__isnull=False), distinct=True),
        signed_in=with_step(Step.ORG_SIGN_IN),
        verified=Count("pk", filter=Q(status=Member.Status.VERIFIED), distinct=True),
        working=with_step(Step.VERIFY_PLAN, steps__seen_at__isnull=False),
        in_trouble=Count("pk", filter=~Q(trouble=""), distinct=True),
    )
    return counts


def _greeting(team: dict[str, int]) -> str:
    if not team["people"]:
        return "Nobody is on the team yet."
    people = "person is" if team["people"] == 1 else "people are"
    said = f"{team['verified']} of {team['people']} {people} set up and verified"
    in_trouble = team["in_trouble"]
    if not in_trouble:
        return f"{said}; nobody needs you."
    return f"{said}; {in_trouble} need{'s' if in_trouble == 1 else ''} you."


def _needs() -> list[dict[str, Any]]:
    """The people in trouble, longest first, each with the one button that helps."""
    members = Member.objects.in_trouble().order_by("trouble_since")[:MOST_NEEDS]
    return [_need(row) for row in board.rows(list(members.prefetch_related("steps")))]


def _need(row: board.Row) -> dict[str, Any]:
    member = row.member
    label, name, is_post = _way_out(row)
    return {
        "tone": row.badge.tone,
        "badge": row.badge.text,
        "name": member.full_name,
        "text": trouble.explain(member),
        "action_label": label,
        "action_url": reverse(f"onboarding:{name}", args=[member.pk]),
        "is_post": is_post,
    }


def _way_out(row: board.Row) -> tuple[str, str, bool]:
    """The one button for the trouble: its words, its URL's name, and whether it acts at once."""
    if row.can_retry:
        return "Try again", "member-retry", True
    if row.member.trouble == Member.Trouble.STUCK:
        return "Invite again", "member-resend", True
    return "See why", "member", False
