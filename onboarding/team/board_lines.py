"""What one line of the board shows, as plain values: the same line is the same HTML.

A line holds no model and no moment that is counted from, only what stands on the page, so that
the page can keep its HTML for as long as nothing in it changes (`{% rows %}`).
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import (
    Aggregate,
    Case,
    OuterRef,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Concat

from onboarding.models import Member, Plan, StepRecord
from onboarding.steps.current_step import ORDER
from onboarding.team import board, explanations
from portal.templatetags.portal import how_long, how_long_ago


class Line(NamedTuple):
    pk: int
    name: str
    email: str
    plan: str
    steps: tuple[str, ...]
    """`seen`, `told` or `to do`, in the order of the steps."""
    tone: str
    badge: str
    hint: str
    error: str
    invited_at: datetime
    invited: str
    """How long it has been, in words, as `seen`."""
    seen_at: datetime | None
    seen: str
    can_retry: bool
    can_resend: bool


class _Joined(Aggregate):
    """The texts of a group in one, with commas between."""

    function = "STRING_AGG"
    template = "%(function)s(%(expressions)s, ',')"
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="GROUP_CONCAT", **extra)


_STATE = Case(When(seen_at=None, then=Value("told")), default=Value("seen"))
_TAKEN = Subquery(
    StepRecord.objects.filter(member=OuterRef("pk"))
    .order_by()
    .values("member")
    .values(joined=_Joined(Concat("step", Value(" "), _STATE)))
)


def found(filters: board.Filters, span: range) -> list[Member]:
    """These of the members asked for, in one query: each with the steps they took as `taken`, and
    what explains their trouble.
    """
    return list(Member.objects.raw(*_sql(filters, span))) if span else []


@lru_cache
def _sql(filters: board.Filters, span: range) -> tuple[str, tuple[Any, ...]]:
    """Written once for the same question, as that takes longer than to find the answer."""
    asked = explanations.with_facts(board.select(filters)).annotate(taken=_TAKEN)
    return asked[span.start : span.stop].query.sql_with_params()


def lines(members: Iterable[Member], plans: Iterable[Plan], *, now: datetime) -> list[Line]:
    """`members` are `found`; `plans` are all there are, so that none is read twice."""
    known = {plan.pk: plan for plan in plans}
    for member in members:
        member.plan = known[member.plan_id]
    return [_line(member, now) for member in members]


def _line(member: Member, now: datetime) -> Line:
    steps = _states(member.taken or "")  # type: ignore[attr-defined]  # of `found`
    row = board.Row(member, [], board.badge_of(member, steps, now=now))
    return Line(
        pk=member.pk,
        name=member.full_name,
        email=member.email,
        plan=member.plan.name,
        steps=tuple(steps.get(step, "to do") for step in ORDER),
        tone=row.badge.tone,
        badge=row.badge.text,
        hint=row.badge.hint,
        error=row.error,
        invited_at=row.invited_at,
        invited=how_long(row.invited_at, now),
        seen_at=row.last_seen_at,
        seen=how_long_ago(row.last_seen_at, now),
        can_retry=row.can_retry,
        can_resend=row.can_resend,
    )


def _states(taken: str) -> dict[str, str]:
    """Of each step that was taken, `seen` or `told`."""
    return dict(each.split(" ") for each in taken.split(",") if each)
