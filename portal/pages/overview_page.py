"""What the founder's first page says, from our own tables alone, in at most twelve queries."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from billing.alerts import raising
from billing.credit import outlook
from billing.credit.outlook import Outlook
from billing.models import Alert
from billing.spending import periods, sections, spend
from billing.spending.periods import Period
from billing.usage import idle, seats_page
from onboarding.setup import progress
from onboarding.team import board_frame
from portal import compiled_sql
from portal.models import Workspace
from portal.pages import overview_team
from portal.pages.overview_team import Team
from portal.watch import vital_signs

MOST_ALERTS = 6
BURNDOWN_HEIGHT, BURNDOWN_LABELS = 140.0, 7


def context() -> dict[str, Any]:
    now, workspace = timezone.now(), vital_signs.company(_columns)
    measure = idle.gauge_of(workspace, today=now.date())
    team, last = overview_team.team(now.date(), measure), spend.readings()
    found = outlook.load(
        service=workspace.cost_service,
        today=now.date(),
        refreshed_at=last.refreshed_at,
        plans=team.plans,
    )
    return {
        # The frame around the page would ask for these again.
        "workspace": workspace,
        "troubles": vital_signs.troubles(workspace),
        "nav_trouble": team.in_trouble,
        "alerts": _alerts(),
        "greeting_state": overview_team.greeting(team),
        "team": team,
        "measure": measure,
        "idle_price": seats_page.in_money(team.idle_price),
        "needs": _needs(team, workspace, now),
        "more_needs": max(team.in_trouble - overview_team.MOST_NEEDS, 0),
        "pace": overview_team.pace(),
        "setup": {"is_connected": workspace.is_connected, "progress": progress.of(workspace)},
        **_money(found, last),
    }


def _columns() -> dict[str, Any]:
    """What comes with the company's row: how far set-up is, how far reports go."""
    return {**progress.columns(), **idle.columns(), **board_frame.plan_columns()}


def _needs(team: Team, workspace: Workspace, now: datetime) -> list[dict[str, Any]]:
    plans = board_frame.plans_of(workspace)
    return overview_team.needs(plans, now=now) if team.in_trouble else []


def _alerts() -> list[dict[str, Any]]:
    """What was told of money and nobody has seen yet, the newest first."""
    found = []
    for alert in _to_show.models():
        page, words = raising.page_of(alert)
        found.append({"alert": alert, "page": page, "words": words})
    return found


@compiled_sql.once
def _to_show() -> Any:
    return Alert.objects.to_show()[:MOST_ALERTS]


# Money -----------------------------------------------------------------------------------------


def _money(found: Outlook, last: spend.Readings) -> dict[str, Any]:
    return {
        "currency": found.currency,
        "today": found.today,
        "month": _this_month(found),
        "runway": found.runway,
        "has_grant": bool(found.portfolio.counted),
        "last_expiry": found.last_expiry,
        "burndown": outlook.drawing(found, height=BURNDOWN_HEIGHT, most_labels=BURNDOWN_LABELS),
        "seats_a_month": found.burn.seats_a_month,
        "section": _by_month(found),
        "period": _year(found.today),
        "data_to": found.books.data_to,
        "readings": last,
    }


def _this_month(found: Outlook) -> dict[str, Decimal] | None:
    """The three numbers; None before any data."""
    if found.books.data_to is None:
        return None
    month = found.ledger.total(found.today.replace(day=1), found.today)
    return {"used": month.used, "covered": -month.credits, "paid": month.net}


def _year(today: date) -> Period:
    return periods.named("12m", today=today)


def _by_month(found: Outlook) -> sections.Section | None:
    """The last 12 months in the main currency, as on the spend page."""
    period, books = _year(found.today), found.books
    if period.start is None or period.end is None:
        return None
    by_month = books.by_month(period.start, period.end)
    drawn = sections.of(
        {found.currency: by_month.get(found.currency, {})},
        period,
        span=(books.data_from, books.data_to),
        today=found.today,
    )
    return drawn[0] if drawn else None
