"""What AWS says Kiro costs, day by day, and the log of how the portal came to know it."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum
from django.utils import timezone

from portal.models import Work, Workspace

REQUEST_PRICE = Decimal("0.01")
"""What AWS charges in USD for each request to Cost Explorer, each page too."""


class MonthField(models.DateField):  # type: ignore[type-arg]  # generic for mypy alone
    """The first day of the month of the row's `date`, set whenever the row is written."""

    def pre_save(self, model_instance: models.Model, add: bool) -> date:  # noqa: ARG002, FBT001  # Django's
        month: date = model_instance.date.replace(day=1)  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, month)
        return month


class CostLineQuerySet(models.QuerySet["CostLine"]):
    def between(self, start: date | None, end: date | None) -> "CostLineQuerySet":
        """Days from `start` to `end`, both included; None leaves that side open."""
        found = self.filter(date__gte=start) if start else self.all()
        return found.filter(date__lte=end) if end else found


class CostLine(models.Model):
    """One day's amount for one record type and usage type, as Cost Explorer gave it."""

    date = models.DateField()
    # So that sums by month need no date function: on SQLite those cost a Python call a row.
    month = MonthField(editable=False)
    record_type = models.CharField(max_length=200)
    usage_type = models.CharField(max_length=500)
    amount = models.DecimalField(max_digits=20, decimal_places=10)
    currency = models.CharField(max_length=10, default="USD")
    quantity = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)
    """In the usage type's own unit; null where AWS told none or was not asked for it yet."""
    estimated = models.BooleanField(default=False)

    objects = CostLineQuerySet.as_manager()

    class Meta:
        ordering = ["date", "record_type", "usage_type", "currency"]
        constraints = [
            models.UniqueConstraint(
                fields=["date", "record_type", "usage_type", "currency"], name="cost_line_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.record_type} {self.usage_type}"


class RefreshQuerySet(models.QuerySet["Refresh"]):
    def done(self) -> "RefreshQuerySet":
        return self.filter(outcome=Refresh.Outcome.DONE)

    def under_way(self) -> "RefreshQuerySet":
        return self.filter(outcome=Refresh.Outcome.UNDER_WAY)

    def paid_since(self, moment: datetime) -> int:
        """How many paid requests were made by refreshes that last paid since then."""
        found = self.filter(paid_at__gte=moment).aggregate(total=Sum("requests"))["total"]
        return found or 0


class Refresh(Work):
    """One reading of Cost Explorer: who asked, how it ended, and every request it paid for.

    At most one is under way, whoever asks: the database refuses a second (see `Meta`). The lease
    it inherits says which worker carries it out; a dead worker's refresh is taken over by the
    next, and its paid requests stay counted.
    """

    called = "refreshes of the spend"

    class Outcome(models.TextChoices):
        UNDER_WAY = "under-way", "Under way"
        DONE = "done", "Done"
        EMPTY = "empty", "No data"
        FAILED = "failed", "Failed"
        INTERRUPTED = "interrupted", "Interrupted"

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.UNDER_WAY)
    account_id = models.CharField(max_length=12, blank=True, db_default="")
    service = models.CharField(max_length=100, blank=True, db_default="")
    """Whose costs, and of which service, were asked for; empty before the portal kept them."""
    window_start = models.DateField(null=True, blank=True)
    window_end = models.DateField(null=True, blank=True)
    starts = models.PositiveSmallIntegerField(default=0)
    requests = models.PositiveIntegerField(default=0)
    paid_at = models.DateTimeField(null=True, blank=True, db_index=True)
    rows = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)

    objects = RefreshQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "refreshes"
        constraints = [
            models.UniqueConstraint(
                fields=["outcome"],
                condition=Q(outcome="under-way"),
                name="refresh_one_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"refresh {self.pk}"

    @property
    def is_under_way(self) -> bool:
        return self.outcome == self.Outcome.UNDER_WAY

    @property
    def tone(self) -> str:
        """How the outcome looks: see `components/badge.html`."""
        return _TONES[self.Outcome(self.outcome)]

    @property
    def is_done(self) -> bool:
        return self.outcome == self.Outcome.DONE

    def is_of(self, workspace: Workspace) -> bool:
        """Whether it read what the company has its costs read of now, as far as that is known."""
        pairs = (
            (self.account_id, workspace.account_id),
            (self.service, workspace.cost_service),
        )
        return all(then == now or "" in {then, now} for then, now in pairs)

    @property
    def price(self) -> Decimal:
        return self.requests * REQUEST_PRICE

    @property
    def duration(self) -> timedelta | None:
        if self.started_at is None or self.finished_at is None:
            return None
        return self.finished_at - self.started_at


class Restatement(models.Model):
    """A day that AWS told otherwise than before, after it was over."""

    class What(models.TextChoices):
        USED = "used", "Used"
        CREDITS = "credits", "Covered by credits"

    date = models.DateField(db_index=True)
    what = models.CharField(max_length=10, choices=What)
    currency = models.CharField(max_length=10)
    before = models.DecimalField(max_digits=20, decimal_places=10)
    after = models.DecimalField(max_digits=20, decimal_places=10)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-date", "what"]

    def __str__(self) -> str:
        return f"{self.date} {self.before} → {self.after}"

    @property
    def is_of_credits(self) -> bool:
        return self.what == self.What.CREDITS


_TONES = {
    Refresh.Outcome.UNDER_WAY: "info",
    Refresh.Outcome.DONE: "good",
    Refresh.Outcome.EMPTY: "warn",
    Refresh.Outcome.FAILED: "bad",
    Refresh.Outcome.INTERRUPTED: "bad",
}
