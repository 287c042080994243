"""Where Identity Center and the team differ, and the checks that found out."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from onboarding.models.member import Member
from portal.models import Work


class DirectoryCheckQuerySet(models.QuerySet["DirectoryCheck"]):
    def done(self) -> "DirectoryCheckQuerySet":
        return self.filter(outcome=DirectoryCheck.Outcome.DONE)

    def under_way(self) -> "DirectoryCheckQuerySet":
        return self.filter(outcome=DirectoryCheck.Outcome.UNDER_WAY)


class DirectoryCheck(Work):
    """One reading of Identity Center: who asked, how it ended, what it saw.

    At most one is under way, whoever asks: the database refuses a second.
    """

    called = "checks for differences"

    class Outcome(models.TextChoices):
        UNDER_WAY = "under-way", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.UNDER_WAY)
    reason = models.TextField(blank=True)
    users = models.PositiveIntegerField(default=0)
    seats = models.PositiveIntegerField(default=0)

    objects = DirectoryCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["outcome"],
                condition=Q(outcome="under-way"),
                name="directory_check_one_under_way",
            )
        ]

    def __str__(self) -> str:
        return f"check {self.pk}"


class DriftQuerySet(models.QuerySet["Drift"]):
    def open(self) -> "DriftQuerySet":
        """The difference is still there, ignored or not."""
        return self.filter(closed_at=None)

    def to_settle(self) -> "DriftQuerySet":
        return self.open().filter(ignored_at=None)

    def ignored(self) -> "DriftQuerySet":
        return self.open().filter(ignored_at__isnull=False)

    def closed(self) -> "DriftQuerySet":
        return self.filter(closed_at__isnull=False)


class Drift(Work):
    """One difference, from the check that found it to the moment it was gone.

    The names, the e-mail and the groups are what Identity Center had at the last check. `mark`
    says which difference exactly: an ignored one is ignored for as long as its mark is the same.
    As work the row waits for its own repair at AWS, once a founder has asked for it.
    """

    called = "repairs of differences"

    class Kind(models.TextChoices):
        MISSING = "missing", "User gone"
        DISABLED = "disabled", "Disabled"
        OUT_OF_GROUP = "out-of-group", "Seat taken away"
        WRONG_GROUP = "wrong-group", "Other plan's seat"
        TWO_GROUPS = "two-groups", "Two seats"
        EMAIL = "email", "E-mail changed"
        NAME = "name", "Name differs"
        STRANGER = "stranger", "Unknown seat"

    class Ending(models.TextChoices):
        GONE = "gone", "gone by itself"
        ADOPTED = "adopted", "taken over"
        REPAIRED = "repaired", "repaired"

    kind = models.CharField(max_length=12, choices=Kind)
    member = models.ForeignKey(Member, models.CASCADE, null=True, blank=True, related_name="drifts")
    directory_user_id = models.CharField(max_length=100)
    user_name = models.CharField(max_length=128, blank=True)
    email = models.CharField(max_length=1024, blank=True)
    given_name = models.CharField(max_length=1024, blank=True)
    family_name = models.CharField(max_length=1024, blank=True)
    group_ids = models.JSONField(default=list)
    mark = models.TextField(blank=True)
    found_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    ending = models.CharField(max_length=10, choices=Ending, blank=True)
    ignored_at = models.DateTimeField(null=True, blank=True)
    ignored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    ignore_reason = models.CharField(max_length=200, blank=True)
    repair_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = DriftQuerySet.as_manager()

    class Meta:
        ordering = ["-found_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "member"],
                condition=Q(closed_at=None, member__isnull=False),
                name="drift_once_a_member_while_open",
            ),
            models.UniqueConstraint(
                fields=["kind", "directory_user_id"],
                condition=Q(closed_at=None, member=None),
                name="drift_once_a_stranger_while_open",
            ),
            models.CheckConstraint(
                name="drift_ignored_has_reason",
                condition=Q(ignored_at=None) | ~Q(ignore_reason=""),
            ),
        ]
        indexes = [models.Index(fields=["closed_at", "ignored_at"], name="drift_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.directory_user_id}"

    @property
    def full_name(self) -> str:
        """As Identity Center has it."""
        return f"{self.given_name} {self.family_name}".strip() or self.user_name

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def subject(self) -> str:
        """Where the audit log files it: with the member, for whoever is one."""
        return f"member:{self.member_id}" if self.member_id else f"drift:{self.pk}"
