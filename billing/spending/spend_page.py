"""The spend page: its figures, made once an edition, and what stands around them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet, Subquery, Sum, TextField, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.safestring import SafeString

from billing.models import CostLine, Refresh, Restatement
from billing.spending import month_page, sections, spend
from billing.spending.periods import Period
from billing.spending.spend import Freshness
from onboarding.team import trouble
from portal import compiled_sql, fragment_cache
from portal.models import Workspace
from portal.watch import vital_signs

LOGGED, LISTED = 10, 30


@dataclass(frozen=True, slots=True)
class Frame:
    """`edition`: by what the figures are kept."""

    company: Workspace
    freshness: Freshness
    refreshes: list[Refresh]
    in_trouble: int
    edition: tuple[object, ...]


@compiled_sql.once
def _log(since: datetime) -> QuerySet[Refresh]:
    """The last refreshes, each with who asked, and with what was paid for since then in all."""
    paid = Refresh.objects.filter(paid_at__gte=since).order_by().values(whole=Value(1))
    return Refresh.objects.annotate(
        asker=Coalesce(
            NullIf("asked_by__name", Value("")), "asked_by__email", output_field=TextField()
        ),
        paid_requests=Subquery(paid.values(total=Sum("requests"))),
    )[:LOGGED]


def frame(now: datetime) -> Frame:
    company = vital_signs.company(_columns)
    row, refreshes = vars(company), _log.models(spend.month_of(now))
    days = (vital_signs.day(row["costs_from"]), vital_signs.day(row["costs_to"]))
    paid = refreshes[0].paid_requests or 0 if refreshes else 0
    found = spend.freshness_of(days, spend.readings(refreshes[:2]), paid, now=now)
    edition = (row["edition"], row["costs_edition"], found.refreshed_at)
    return Frame(company, found, refreshes, row["in_trouble"], edition)


def _columns() -> dict[str, Any]:
    """A refresh writes its days anew: the newest line tells one bill from the next."""
    by_date = CostLine.objects.order_by("date").values("date")
    return {
        **fragment_cache.columns(),
        "in_trouble": trouble.column(),
        "costs_from": Subquery(by_date[:1]),
        "costs_to": Subquery(by_date.order_by("-date")[:1]),
        "costs_edition": Subquery(CostLine.objects.order_by("-pk").values("pk")[:1]),
    }


def drawn(around: Frame, period: Period, *, today: date) -> SafeString:
    """Sums, chart, the month's end, table and restatements of a period."""
    edition = (*around.edition, period, today)
    found = around.freshness
    return fragment_cache.html(
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
