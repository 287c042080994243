"""How far the activity reports have been read, when the portal looked, and what failed."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, Subquery, Value
from django.db.models.functions import JSONObject

from billing.models import ReportFile
from billing.usage import report_sync
from portal.models import JobRun
from portal.watch import vital_signs

READ = (ReportFile.Status.READ, ReportFile.Status.REPLACED)
EVERY = timedelta(hours=1)
"""How often beat has the bucket looked at."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """`known_from` and `known_to`: the first and the last day that the months' sums know of."""

    known_from: date | None
    known_to: date | None
    read_at: datetime | None
    files: int
    refused: int
    bad_rows: int
    unsummed: int
    """Files whose rows the months' sums do not know yet."""
    looked_at: datetime | None = None
    error: str = ""

    @property
    def is_empty(self) -> bool:
        return self.known_to is None

    @property
    def next_at(self) -> datetime | None:
        return None if self.looked_at is None else self.looked_at + EVERY

    def as_of(self, today: date) -> date | None:
        """The day up to which "not active" can be said at all."""
        return None if self.known_to is None else min(self.known_to, today)


def load() -> Freshness:
    """One query."""
    return of_row(vital_signs.company(columns))


def columns() -> dict[str, Any]:
    """What it takes, to go with the company's own row."""
    runs = JobRun.objects.filter(name=report_sync.JOB)
    files = ReportFile.objects.order_by().values(whole=Value(1)).values(found=_FILES)
    return {
        "reports": Subquery(files),
        "reports_looked_at": Subquery(runs.values("last_run_at")[:1]),
        "reports_error": Subquery(runs.values("last_error")[:1]),
    }


def of_row(row: Any) -> Freshness:
    """`row`: loaded with these columns, which come as the database gives them."""
    found = json.loads(row.reports or "{}")
    return Freshness(
        known_from=vital_signs.day(found.get("known_from")),
        known_to=vital_signs.day(found.get("known_to")),
        read_at=vital_signs.moment(found.get("read_at")),
        files=found.get("files", 0),
        refused=found.get("refused", 0),
        bad_rows=found.get("bad_rows", 0),
        unsummed=found.get("unsummed", 0),
        looked_at=vital_signs.moment(row.reports_looked_at),
        error=row.reports_error or "",
    )


_WAS_READ = Q(status__in=READ, is_summed=True)  # the pages show the months' sums
_FILES = JSONObject(
    known_from=Min("report_date", filter=_WAS_READ),
    known_to=Max("report_date", filter=_WAS_READ),
    read_at=Max("read_at"),
    files=Count("pk"),
    refused=Count("pk", filter=Q(status=ReportFile.Status.REFUSED)),
    bad_rows=Count("pk", filter=Q(bad_rows__gt=0)),
    unsummed=Count("pk", filter=Q(is_summed=False)),
)
