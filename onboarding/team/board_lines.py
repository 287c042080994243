"""The board's rows: read as plain values, shown as HTML that is kept by them.

The row that the database gives is the key: with anything changed in it, it is another row. Only
words like `5 min` change by themselves, so HTML is kept no longer than until the first of them may.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Aggregate, Case, OuterRef, Subquery, TextField, Value, When
from django.db.models.functions import Cast, Concat
from django.template.loader import render_to_string

from onboarding.models import Member, Plan, StepRecord
from onboarding.steps.current_step import ORDER
from onboarding.team import board, explanations
from portal import compiled_sql
from portal.fragment_cache import Shelf
from portal.watch import vital_signs

_PLAIN = (
    "id", "email", "given_name", "family_name", "plan_id", "status", "trouble", "last_error",
    "is_quarantined", "leaves_on",
)  # fmt: skip
_MOMENTS = ("next_try_at", "added_at", "invited_at", "last_activity_at", "seat_requested_at")
_FIELDS = (*_PLAIN, *_MOMENTS)
_IN_ORDER = [field.attname for field in Member._meta.concrete_fields if field.attname in _FIELDS]
_PLAN_ID = _FIELDS.index("plan_id")
Row = tuple[Any, ...]
"""The values of `_FIELDS`, what explains the trouble, and the steps that were taken. Moments are
text, which is far quicker to read and to compare.
"""


class Drawn(NamedTuple):
    """A row's HTML, which is right from `since` up to and without `until`."""

    html: str
    is_in_work: bool
    since: datetime
    until: datetime


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


# Reading ---------------------------------------------------------------------------------------


def found(filters: board.Filters, span: range) -> list[Row]:
    """These of the members asked for, in one query."""
    return _found.rows(filters, span) if span else []


@compiled_sql.once
def _found(filters: board.Filters, span: range) -> Any:
    """Their keys first, from an index where it has all that is asked: a row that is passed over
    is not read.
    """
    keys = board.select(filters).values("pk")[span.start : span.stop]
    moments = (Cast(name, TextField()) for name in _MOMENTS)
    members = Member.objects.filter(pk__in=keys).order_by(*board.order(filters))
    return members.values_list(*_PLAIN, *moments, explanations.facts(), _TAKEN)


# Drawing ---------------------------------------------------------------------------------------

_kept: Shelf[Drawn] = Shelf(2048)
_of_plan = attrgetter("code", "name", "price", "currency")


def in_trouble(most: int, plans: Iterable[Plan], *, now: datetime) -> list[board.Row]:
    """Who waits longest for a founder to look."""
    asked = board.Filters(status=board.IN_TROUBLE, sort="trouble")
    known = {plan.pk: plan for plan in plans}
    return [shown(row, known[row[_PLAN_ID]], now=now) for row in found(asked, range(most))]


def drawn(rows: Iterable[Row], plans: Iterable[Plan], *, now: datetime) -> list[Drawn]:
    """`rows` are `found`; `plans` are all there are, so that none is read twice."""
    known = {plan.pk: (plan, _of_plan(plan)) for plan in plans}
    return [_drawn(row, *known[row[_PLAN_ID]], now) for row in rows]


def _drawn(row: Row, plan: Plan, of_plan: tuple[Any, ...], now: datetime) -> Drawn:
    key = (row, of_plan)
    made = _kept.get(key)
    if made is None or not made.since <= now < made.until:
        made = _draw(row, plan, now)
        _kept.put(key, made)
    return made


def shown(row: Row, plan: Plan, *, now: datetime) -> board.Row:
    """The row with its badge, without a word on each step."""
    member = _member(row, plan)
    return board.Row(member, [], board.badge_of(member, _states(row), now=now))


def _draw(row: Row, plan: Plan, now: datetime) -> Drawn:
    view, steps = shown(row, plan, now=now), _states(row)
    states = [steps.get(each, "to do") for each in ORDER]
    context = {"row": view, "member": view.member, "states": states}
    html = render_to_string("onboarding/_row.html", context)
    is_in_work = board.is_in_work(view.member, now=now)
    return Drawn(html, is_in_work, now, _until(view, now))


def _member(row: Row, plan: Plan) -> Member:
    values = dict(zip(_FIELDS, row, strict=False))
    values |= {name: vital_signs.moment(values[name]) for name in _MOMENTS}
    values["leaves_on"] = vital_signs.day(values["leaves_on"])
    member = Member.from_db(DEFAULT_DB_ALIAS, _IN_ORDER, [values[name] for name in _IN_ORDER])
    member.plan = plan
    vars(member)["facts"] = row[-2]
    return member


def _states(row: Row) -> dict[str, str]:
    """Of each step that was taken, `seen` or `told`."""
    taken = row[-1] or ""
    return dict(each.split(" ") for each in taken.split(",") if each)


def _until(row: board.Row, now: datetime) -> datetime:
    """When the row may say something else although nothing in it has changed."""
    member = row.member
    counted = (row.invited_at, member.last_activity_at, member.seat_requested_at)
    ends = [_fuller(moment, now) for moment in counted if moment]
    due_at = member.next_try_at
    return min([*ends, due_at] if due_at and due_at > now else ends)


def _fuller(moment: datetime, now: datetime) -> datetime:
    """When one more second, minute or hour is full; a day, as words have it, is so many hours."""
    age = max(0.0, (now - moment).total_seconds())
    unit = 1 if age < 60 else 60 if age < 3600 else 3600
    return moment + timedelta(seconds=(age // unit + 1) * unit)
