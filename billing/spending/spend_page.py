"""The spend page: its figures, made once an edition, and what stands around them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Subquery
from django.utils.safestring import SafeString

from billing.models import CostLine, Refresh, Restatement
from billing.spending import month_page, sections, spend
from billing.spending.periods import Period
from billing.spending.spend import Freshness
from onboarding.team import trouble
from portal import kept
from portal.models import Workspace
from portal.watch import standing

LOGGED, LISTED = 10, 30


@dataclass(frozen=True, slots=True)
class Frame:
    """`edition`: by what the figures are kept."""

    company: Workspace
    freshness: Freshness
    refreshes: list[Refresh]
    in_trouble: int
    edition: tuple[object, ...]


def frame(now: datetime) -> Frame:
    company = standing.company(_columns)
    row, refreshes = vars(company), list(Refresh.objects.select_related("asked_by")[:LOGGED])
    days = (standing.day(row["costs_from"]), standing.day(row["costs_to"]))
    found = spend.freshness_of(days, spend.readings(refreshes[:2]), now=now)
    edition = (row["edition"], row["costs_edition"], found.refreshed_at)
    return Frame(company, found, refreshes, row["in_trouble"], edition)


def _columns() -> dict[str, Any]:
    """A refresh writes its days anew: the newest line tells one bill from the next."""
    by_date = CostLine.objects.order_by("date").values("date")
    return {
        **kept.columns(),
        "in_trouble": trouble.column(),
        "costs_from": Subquery(by_date[:1]),
        "costs_to": Subquery(by_date.order_by("-date")[:1]),
        "costs_edition": Subquery(CostLine.objects.order_by("-pk").values("pk")[:1]),
    }


def drawn(around: Frame, period: Period, *, today: date) -> SafeString:
    """Sums, chart, the month's end, table and restatements of a period."""
    edition = (*around.edition, period, today)
    found = around.freshness
    return kept.html(
        "billing/_spend_figures.html", edition, lambda: _context(found, period, today=today)
    )


def _context(found: Freshness, period: Period, *, today: date) -> dict[str, Any]:
    sides = {"date__gte": period.start, "date__lte": period.end}
    restated = Restatement.objects.filter(**{side: day for side, day in sides.items() if day})
    return {
        **month_page.context(period, found, today=today),
        "restated": restated[:LISTED],
        "period": period,
        "sections": sections.read(period, found, today=today),
    }
