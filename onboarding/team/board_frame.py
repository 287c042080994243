"""What stands around the board's lines: the counts, the plans, the last check; in one query.

They come as columns beside the company's row, which every page reads in any case. A board that
looks again every two seconds asks three times: the session with its user, this, and the lines.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Func, Subquery, Value
from django.db.models.functions import Cast, JSONObject, NullIf

from onboarding.models import DirectoryCheck, Member, Plan
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
    checked_at: datetime | None


class Count(Func):
    """COUNT over all rows of a query, where Django's own would group them."""

    function = "COUNT"


_COUNTS = JSONObject(people=Count(Value(1)), in_trouble=Count(NullIf("trouble", Value(""))))
_PLAN = JSONObject(
    pk="pk",
    code="code",
    name="name",
    price=Cast("price", CharField()),
    currency="currency",
    is_default="is_default",
)


def load() -> Frame:
    company = vital_signs.company(_columns)
    found = vars(company)
    return Frame(
        company,
        plans_of(company),
        checked_at=vital_signs.moment(found["board_checked_at"]),
        **json.loads(found["board_counts"]),
    )


def plans_of(company: Workspace) -> list[Plan]:
    """`company` was read with `plan_columns`."""
    plans = [_plan(each) for each in json.loads(vars(company)["board_plans"] or "[]")]
    return sorted(plans, key=lambda plan: plan.price)


def plan_columns() -> dict[str, Any]:
    plans = Plan.objects.order_by().values(whole=Value(1)).values(found=JsonList(_PLAN))
    return {"board_plans": Subquery(plans)}


def _columns() -> dict[str, Any]:
    return {
        **plan_columns(),
        "board_counts": Subquery(Member.objects.on_team().order_by().values(found=_COUNTS)),
        "board_checked_at": Subquery(DirectoryCheck.objects.done().values("finished_at")[:1]),
    }


def _plan(found: dict[str, Any]) -> Plan:
    price, is_default = Decimal(found["price"]), bool(found["is_default"])
    return Plan(**{**found, "price": price, "is_default": is_default})
