"""Who used what, day by day, out of Kiro's activity reports, and the files it was read from.

Counts only: what somebody asked Kiro is in other files, which the portal never opens.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.models import Work


class ReportFileQuerySet(models.QuerySet["ReportFile"]):
    def waiting(self) -> ReportFileQuerySet:
        return self.filter(status=ReportFile.Status.WAITING)

    def beside(self, file: ReportFile) -> ReportFileQuerySet:
        """Every export of the same day and client, the file itself among them."""
        return self.filter(
            bucket=file.bucket,
            account_id=file.account_id,
            region=file.region,
            report_date=file.report_date,
            client=file.client,
        )

    def that_count(self) -> ReportFileQuerySet:
        """Not refused, and not put aside for a newer one."""
        return self.filter(status__in=[ReportFile.Status.WAITING, ReportFile.Status.READ])


class ReportFile(Work):
    """One file of the report, remembered by its key and by what was in it (the ETag).

    The lease it inherits says which worker reads it; a dead worker's file is read again from its
    beginning by the next.
    """

    called = "activity reports"

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        READ = "read", "Read"
        REPLACED = "replaced", "Replaced by a newer export"
        REFUSED = "refused", "Refused"

    bucket = models.CharField(max_length=63)
    key = models.CharField(max_length=1024)
    etag = models.CharField(max_length=100)
    account_id = models.CharField(max_length=12)
    region = models.CharField(max_length=32)
    report_date = models.DateField()
    """The day in the path; a row's own date counts for the row."""
    client = models.CharField(max_length=40)
    written_at = models.DateTimeField()
    """By the time in the file's name: of two exports of a day the later one counts."""
    size = models.PositiveBigIntegerField(default=0)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    reason = models.TextField(blank=True)
    rows = models.PositiveIntegerField(default=0)
    bad_rows = models.PositiveIntegerField(default=0)
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)
    """Of the rows it gives, or gave before: from the dates in them, to know which months to sum."""
    is_summed = models.BooleanField(default=True)
    """Whether the months' sums know what this file has changed."""
    found_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = ReportFileQuerySet.as_manager()

    class Meta:
        ordering = ["report_date", "client", "written_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["bucket", "key"], name="report_file_once"),
        ]
        indexes = [models.Index(fields=["report_date", "client"], name="report_file_of_day")]

    def __str__(self) -> str:
        return self.key

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]

    @property
    def tone(self) -> str:
        """How the status looks: see `components/badge.html`."""
        return _TONES[self.Status(self.status)]


class ReportNote(models.Model):
    """What could not be used of a file, and where it stands; the rest of the file counts."""

    file = models.ForeignKey(ReportFile, models.CASCADE, related_name="notes")
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=100, blank=True)
    text = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=200)

    class Meta:
        ordering = ["file", "row", "pk"]

    def __str__(self) -> str:
        return f"row {self.row} {self.column}: {self.reason}"


class UsageDayQuerySet(models.QuerySet["UsageDay"]):
    def between(self, start: date | None, end: date | None) -> UsageDayQuerySet:
        """Days from `start` to `end`, both included; None leaves that side open."""
        found = self.filter(day__gte=start) if start else self.all()
        return found.filter(day__lte=end) if end else found

    def before(self, day: date) -> UsageDayQuerySet:
        return self.filter(day__lt=day)


class UsageDay(models.Model):
    """What one person did with one client of one Kiro profile on one day.

    Who it is, only Identity Center's id says.
    """

    day = models.DateField()
    directory_user_id = models.CharField(max_length=100)
    """Without the store's id in front, whichever way the report has it."""
    client = models.CharField(max_length=40)
    region = models.CharField(max_length=32, db_default="")
    """Of the Kiro profile, one each: whoever works with two is billed twice."""
    tier = models.CharField(max_length=40, blank=True)
    """Lower-case letters only, so that every spelling is one: "proplus"."""
    tier_text = models.CharField(max_length=100, blank=True)
    conversations = models.IntegerField(default=0)
    messages = models.IntegerField(default=0)
    credits_used = models.DecimalField(max_digits=20, decimal_places=6, default=Decimal(0))
    overage_credits_used = models.DecimalField(max_digits=20, decimal_places=6, default=Decimal(0))
    overage_cap = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    overage_enabled = models.BooleanField(null=True, blank=True)
    new_user = models.BooleanField(null=True, blank=True)
    profile_id = models.CharField(max_length=200, blank=True)
    report_email = models.EmailField(blank=True)
    """Of strangers only, so that a founder can tell who they are."""
    model_messages = models.JSONField(default=dict, blank=True)
    file = models.ForeignKey(ReportFile, models.CASCADE, related_name="days")

    objects = UsageDayQuerySet.as_manager()

    class Meta:
        ordering = ["day", "directory_user_id", "client"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "client", "directory_user_id", "region"], name="usage_day_once"
            )
        ]
        indexes = [
            models.Index(fields=["directory_user_id", "day"], name="usage_of_user"),
            models.Index(
                fields=["directory_user_id"],
                name="usage_with_email",
                condition=~Q(report_email=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.client} {self.directory_user_id}"


_TONES = {
    ReportFile.Status.WAITING: "info",
    ReportFile.Status.READ: "good",
    ReportFile.Status.REPLACED: "quiet",
    ReportFile.Status.REFUSED: "bad",
}
