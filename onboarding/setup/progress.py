"""How far set-up is, for the overview: all that the guide goes by, as columns of one query."""

import json
from typing import Any

from django.db.models import F, Func, Q, QuerySet, Subquery

from onboarding.models import Member, Plan, SetupRun, SetupTick
from onboarding.setup import guide
from onboarding.setup.guide import Progress
from onboarding.setup.verdicts import Finding, Site
from portal.models import Workspace

_FOUND, _GROUP, _TICK, _TEAM = "setup_found", "setup_group", "setup_tick_", "setup_team_"
_COUNTED = {
    "people": Q(),
    "failed": Q(status=Member.Status.FAILED),
    "there": ~Q(directory_user_id=""),
    "verified": Q(status=Member.Status.VERIFIED),
}


def columns() -> dict[str, Any]:
    """To go with the company's own row."""
    preflights = SetupRun.objects.done().filter(kind=SetupRun.Kind.PREFLIGHT).order_by("-pk")
    plans = Plan.objects.order_by("-is_default", "price")
    return {
        _FOUND: Subquery(preflights.values("found")[:1]),
        _GROUP: Subquery(plans.values("seat_group_id")[:1]),
        **{
            _TICK + fact.name: Subquery(
                SetupTick.objects.filter(fact=fact.value).values("about")[:1]
            )
            for fact in SetupTick.Fact
        },
        **{
            _TEAM + name: _count(Member.objects.on_team().filter(which))
            for name, which in _COUNTED.items()
        },
    }


def _count(members: QuerySet[Member]) -> Subquery:
    number = Func(F("pk"), function="COUNT")
    return Subquery(members.order_by().annotate(number=number).values("number"))


def of(workspace: Workspace) -> Progress:
    """`workspace`: loaded with these columns."""
    raw = getattr(workspace, _FOUND) or "{}"
    found = json.loads(raw) if isinstance(raw, str) else raw
    site = Site(
        workspace=workspace,
        plan=Plan(seat_group_id=getattr(workspace, _GROUP) or ""),
        ticks=dict(_ticks(workspace)),
    )
    counts = {name: getattr(workspace, _TEAM + name) or 0 for name in _COUNTED}
    findings = [Finding.from_json(each) for each in found.get("findings", [])]
    return guide.progress(guide.steps(findings, site, counts))


def _ticks(workspace: Workspace) -> list[tuple[str, SetupTick]]:
    about = {fact: getattr(workspace, _TICK + fact.name) for fact in SetupTick.Fact}
    return [
        (fact.value, SetupTick(fact=fact, about=words))
        for fact, words in about.items()
        if words is not None
    ]
