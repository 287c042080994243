"""How far the activity reports have been read, when the portal looked, and what failed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Min, Q

from billing.models import ReportFile
from billing.usage import rounds
from portal.models import JobRun

READ = (ReportFile.Status.READ, ReportFile.Status.REPLACED)
EVERY = timedelta(hours=1)
"""How often beat has the bucket looked at."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """`known_from` and `known_to`: the first and the last day of which a report was read."""

    known_from: date | None
    known_to: date | None
    read_at: datetime | None
    files: int
    refused: int
    bad_rows: int
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
    """Two queries."""
    status = ReportFile.Status
    was_read = Q(status__in=READ)
    found = ReportFile.objects.aggregate(
        known_from=Min("report_date", filter=was_read),
        known_to=Max("report_date", filter=was_read),
        read_at=Max("read_at"),
        files=Count("pk"),
        refused=Count("pk", filter=Q(status=status.REFUSED)),
        bad_rows=Count("pk", filter=Q(bad_rows__gt=0)),
    )
    run = JobRun.objects.filter(name=rounds.JOB).first()
    if run is None:
        return Freshness(**found)
    return Freshness(**found, looked_at=run.last_run_at, error=run.last_error)
