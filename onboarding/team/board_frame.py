"""What stands around the board's lines: the counts, the plans, the last check; in one query.

They come as columns beside the company's row, which every page reads in any case. A board that
looks again every two seconds asks three times: the session with its user, this, and the lines.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, Func, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, JSONObject

from onboarding.models import DirectoryCheck, Member, Plan
from onboarding.team import board, trouble
from portal.json_list import JsonList
from portal.models import Workspace
from portal.watch import vital_signs


@dataclass(frozen=True, slots=True)
class Frame:
    company: Workspace
    plans: list[Plan]
    """The cheapest first, without their credits and seat groups."""
    people: int
    in_trouble: int
    matching: int
    """How many members were asked for."""
    checked_at: datetime | None


class _Count(Func):
    """COUNT over all rows of a query, where Django's own would group them."""

    function = "COUNT"


_PLAN = JSONObject(
    pk="pk",
    code="code",
    name="name",
    price=Cast("price", CharField()),
    currency="currency",
    is_default="is_default",
)


def load(filters: board.Filters) -> Frame:
    company = vital_signs.company(_Columns(filters))
    found = vars(company)
    counts = json.loads(found["board_counts"])
    return Frame(
        company,
        plans_of(company),
        checked_at=vital_signs.moment(found["board_checked_at"]),
        **{"matching": counts["people"], **counts},
    )


def plans_of(company: Workspace) -> list[Plan]:
    """`company` was read with `plan_columns`."""
    plans = [_plan(each) for each in json.loads(vars(company)["board_plans"] or "[]")]
    return sorted(plans, key=lambda plan: plan.price)


def plan_columns() -> dict[str, Any]:
    plans = Plan.objects.order_by().values(whole=Value(1)).values(found=JsonList(_PLAN))
    return {"board_plans": Subquery(plans)}


@dataclass(frozen=True, slots=True)
class _Columns:
    """Beside the company's row; equal for equal filters, so that their SQL is compiled once."""

    filters: board.Filters

    def __call__(self) -> dict[str, Any]:
        return {
            **plan_columns(),
            "board_counts": Subquery(_counts(self.filters).order_by()),
            "board_checked_at": Subquery(DirectoryCheck.objects.done().values("finished_at")[:1]),
        }


def _counts(filters: board.Filters) -> QuerySet[Member, Any]:
    """From indices alone where no more than a text is asked for, and in one pass over the team."""
    counted = {"people": _Count(Value(1)), "in_trouble": trouble.column(), **_matching(filters)}
    return Member.objects.on_team().values(found=JSONObject(**counted))


def _matching(filters: board.Filters) -> dict[str, Any]:
    """Nothing where everybody is asked for."""
    if filters.status == Member.Status.REMOVED:  # not of the team
        members = board.select(filters).order_by()
        return {"matching": Subquery(members.values(whole=_Count(Value(1))))}
    asked = board.condition(filters)
    return {"matching": _Count(Case(When(asked, then=Value(1))))} if asked else {}


def _plan(found: dict[str, Any]) -> Plan:
    price, is_default = Decimal(found["price"]), bool(found["is_default"])
    return Plan(**{**found, "price": price, "is_default": is_default})
