"""The people's part of the founder's first page: funnel, seats, pace, and who needs a founder."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import starmap
from statistics import median
from typing import Any

from django.db.models import Count, Max, Q
from django.urls import reverse

from billing.models import IdleRules
from billing.spending import seats
from billing.spending.seats import PlanSeats
from billing.usage import idle
from billing.usage.idle import Gauge
from onboarding.models import Member, Plan, Step, StepRecord
from onboarding.team import board, board_lines
from portal import compiled_sql

MOST_NEEDS = 6
MOST_MEASURED = 1000
"""Of how many who came last the median is taken."""


@dataclass(frozen=True, slots=True)
class Team:
    """The funnel, and the seats behind it."""

    people: int = 0
    invited: int = 0
    signed_in: int = 0
    verified: int = 0
    working: int = 0
    in_trouble: int = 0
    seats: int = 0
    used: int = 0
    idle: int = 0
    idle_price: dict[str, Decimal] = field(default_factory=dict)
    checked_at: datetime | None = None
    plans: tuple[PlanSeats, ...] = ()

    @property
    def funnel(self) -> list[tuple[str, int, int]]:
        """For each stage its name, how many came so far, and what share of the invited that is."""
        stages = (
            ("Invited", self.invited),
            ("Signed in", self.signed_in),
            ("Verified", self.verified),
            ("Working", self.working),
        )
        return [(name, count, _percent(count, self.invited)) for name, count in stages]


def _percent(count: int, whole: int) -> int:
    return min(round(100 * count / whole), 100) if whole else 0


def team(today: date, measure: Gauge) -> Team:
    """By plan, since that tells the seats as well; added up here.

    One pass over the members without a join: what else they have is looked up in lists.
    """
    rules = measure.rules
    asked = (today, rules.after_days, rules.grace_days, measure.as_of, measure.known_from)
    return _added_up([dict(zip(_OF_A_PLAN, row, strict=True)) for row in _by_plan.rows(*asked)])


@compiled_sql.once
def _by_plan(
    today: date, after_days: int, grace_days: int, as_of: date | None, known_from: date | None
) -> Any:
    measure = Gauge(IdleRules(after_days=after_days, grace_days=grace_days), as_of, known_from)
    rows = Member.objects.on_team().order_by("plan__price").values(*_PLAN)
    counted = rows.annotate(
        people=Count("pk"),
        invited=_those(Q(invited_at__isnull=False)),
        signed_in=_those(_took(Step.ORG_SIGN_IN)),
        verified=_those(Q(status=Member.Status.VERIFIED)),
        working=_those(_took(Step.VERIFY_PLAN, seen_at__isnull=False)),
        in_trouble=_those(~Q(trouble="")),
        seats=_those(seats.HAS_SEAT),
        used=_those(seats.HAS_SEAT & idle.active_since(measure.quiet_since)),
        idle=_those(idle.condition(measure)),
        lasting=_those(seats.lasting(today)),
        checked_at=Max("directory_checked_at"),
    )
    return counted.values_list(*_OF_A_PLAN)


def _those(which: Q) -> Count:
    return Count("pk", filter=which)


def _took(step: Step, **how: bool) -> Q:
    return Q(pk__in=StepRecord.objects.filter(step=step, **how).order_by().values("member"))


_COUNTED = (
    "people",
    "invited",
    "signed_in",
    "verified",
    "working",
    "in_trouble",
    "seats",
    "used",
    "idle",
)
_PLAN = ("plan__code", "plan__name", "plan__price", "plan__currency")
_OF_A_PLAN = (*_PLAN, *_COUNTED, "lasting", "checked_at")


def _added_up(by_plan: Sequence[dict[str, Any]]) -> Team:
    checks = [row["checked_at"] for row in by_plan if row["checked_at"]]
    return Team(
        **{name: sum(row[name] for row in by_plan) for name in _COUNTED},
        checked_at=max(checks, default=None),
        idle_price=idle.by_currency(
            (row["plan__currency"], row["plan__price"] * row["idle"]) for row in by_plan
        ),
        plans=tuple(
            PlanSeats(
                code=row["plan__code"],
                name=row["plan__name"],
                price=row["plan__price"],
                currency=row["plan__currency"],
                count=row["lasting"],
            )
            for row in by_plan
        ),
    )


@dataclass(frozen=True, slots=True)
class Pace:
    """How long it took from the invitation to the verified plan."""

    count: int
    median: str
    slowest: str


def pace() -> Pace | None:
    """None while nobody has come so far."""
    seconds = list(starmap(_lasted, _verified.rows()))
    if not seconds:
        return None
    return Pace(len(seconds), _length(median(seconds)), _length(max(seconds)))


@compiled_sql.once
def _verified() -> Any:
    """When they were invited and when they said and were seen to have done the last step."""
    verified = Member.objects.on_team().filter(
        status=Member.Status.VERIFIED, steps__step=Step.VERIFY_PLAN, invited_at__isnull=False
    )
    moments = verified.order_by("-pk").values_list("invited_at", "steps__told_at", "steps__seen_at")
    return moments[:MOST_MEASURED]


def _lasted(invited_at: datetime, told_at: datetime | None, seen_at: datetime | None) -> float:
    """Until the first proof; a member taken over from before was there all the time."""
    verified_at = min(moment for moment in (told_at, seen_at) if moment is not None)
    return max((verified_at - invited_at).total_seconds(), 0.0)


def _length(seconds: float) -> str:
    """`2.4 days`, `5 hours`, `12 min`."""
    for unit, length, places in (("day", 86400, 1), ("hour", 3600, 0)):
        if seconds >= length:
            count = f"{seconds / length:.{places}f}".removesuffix(".0")
            return f"{count} {unit}{'' if count == '1' else 's'}"
    return f"{seconds / 60:.0f} min"


def greeting(found: Team) -> str:
    if not found.people:
        return "Nobody is on the team yet."
    people = "person is" if found.people == 1 else "people are"
    said = f"{found.verified:,} of {found.people:,} {people} set up and verified"
    if not found.in_trouble:
        return f"{said}; nobody needs you."
    return f"{said}; {found.in_trouble:,} need{'s' if found.in_trouble == 1 else ''} you."


def needs(plans: Iterable[Plan], *, now: datetime) -> list[dict[str, Any]]:
    """The people in trouble, longest first, each with the one button that helps."""
    return [_need(row) for row in board_lines.in_trouble(MOST_NEEDS, plans, now=now)]


def _need(row: board.Row) -> dict[str, Any]:
    label, url, is_post = _way_out(row)
    return {
        "tone": row.badge.tone,
        "badge": row.badge.text,
        "name": row.member.full_name,
        "text": row.badge.hint,
        "action_label": label,
        "action_url": url,
        "is_post": is_post,
    }


_DRIFTED = {Member.Trouble.USER_MISSING, Member.Trouble.DISABLED, Member.Trouble.SEAT_LOST}


def _way_out(row: board.Row) -> tuple[str, str, bool]:
    """The one button for the trouble: its words, its URL, and whether it acts at once."""
    pk, found = row.member.pk, row.member.trouble
    if row.can_retry:
        return "Try again", reverse("onboarding:member-retry", args=[pk]), True
    if found == Member.Trouble.STUCK:
        return "Invite again", reverse("onboarding:member-resend", args=[pk]), True
    if found == Member.Trouble.ASKED_FOR_HELP:
        return "Answer", reverse("onboarding:help-requests"), False
    if found in _DRIFTED:
        return "Mend", reverse("onboarding:drift"), False
    return "See why", reverse("onboarding:member", args=[pk]), False
