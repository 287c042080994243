"""Who has which AWS account through which permission set, as read from AWS and as asked for."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.models import Work


class AccessReadingQuerySet(models.QuerySet["AccessReading"]):
    def done(self) -> "AccessReadingQuerySet":
        return self.filter(outcome=AccessReading.Outcome.DONE)

    def under_way(self) -> "AccessReadingQuerySet":
        return self.filter(outcome=AccessReading.Outcome.UNDER_WAY)

    def ended(self) -> "AccessReadingQuerySet":
        return self.exclude(outcome=AccessReading.Outcome.UNDER_WAY)


class AccessReading(Work):
    """One reading of the permission sets and their assignments: who asked, and how it ended.

    At most one is under way, whoever asks: the database refuses a second. `missing` names the
    permission for want of which it failed.
    """

    called = "readings of access"

    class Outcome(models.TextChoices):
        UNDER_WAY = "under-way", "Under way"
        DONE = "done", "Done"
        NOT_OFFERED = "not-offered", "No permission sets here"
        FAILED = "failed", "Failed"

    instance_arn = models.CharField(max_length=1224, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.UNDER_WAY)
    reason = models.TextField(blank=True)
    missing = models.CharField(max_length=100, blank=True)

    objects = AccessReadingQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["outcome"],
                condition=Q(outcome="under-way"),
                name="access_reading_one_under_way",
            )
        ]

    def __str__(self) -> str:
        return f"reading of access {self.pk}"


class State(models.TextChoices):
    """Where a set or an assignment stands. GONE is kept for a while, since AWS's lists lag."""

    WANTED = "wanted", "Being made"
    THERE = "there", "There"
    LEAVING = "leaving", "Being removed"
    GONE = "gone", "Gone"


class Wish(Work):
    """A row of AWS's that a founder may ask to be made or removed, as `portal.jobs` works on it."""

    state = models.CharField(max_length=8, choices=State, default=State.THERE)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    """When AWS last did what was asked for."""

    class Meta:
        abstract = True

    @property
    def is_in_work(self) -> bool:
        return self.next_try_at is not None

    @property
    def subject(self) -> str:
        """Where the audit log files it."""
        raise NotImplementedError

    @property
    def is_stopped(self) -> bool:
        """Asked for, not done, and not tried again by itself."""
        return self.state in {State.WANTED, State.LEAVING} and not self.is_in_work


class PermissionSet(Wish):
    """A permission set. `policies`: ARNs of AWS's managed policies; `others`: what else it grants.

    `arn` is empty until AWS has made it. `accounts`: where it is provisioned.
    """

    called = "permission sets"

    name = models.CharField(max_length=32)
    arn = models.CharField(max_length=1224, blank=True)
    description = models.CharField(max_length=700, blank=True)
    session = models.CharField(max_length=100, blank=True)
    """How long a sign-in lasts, as AWS writes it: PT4H."""
    policies = models.JSONField(default=list)
    others = models.JSONField(default=list)
    accounts = models.JSONField(default=list)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=~Q(state="gone"), name="permission_set_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> str:
        return f"permission-set:{self.pk}"


class AccountAssignment(Wish):
    """A user's or group's access to an account through a permission set.

    `request_id` is AWS's request while it is worked off. `principal_name` is what Identity Center
    called the user or group at the last reading.
    """

    called = "requests for access"

    class Kind(models.TextChoices):
        USER = "USER", "Person"
        GROUP = "GROUP", "Group"

    permission_set = models.ForeignKey(
        PermissionSet, models.CASCADE, related_name="assignments", verbose_name="permission set"
    )
    account_id = models.CharField(max_length=12)
    principal_type = models.CharField(max_length=5, choices=Kind)
    principal_id = models.CharField(max_length=47)
    principal_name = models.CharField(max_length=1024, blank=True)
    request_id = models.CharField(max_length=36, blank=True)

    class Meta:
        ordering = ["account_id", "principal_type", "principal_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["permission_set", "account_id", "principal_type", "principal_id"],
                name="account_assignment_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.principal_name} in {self.account_id}"

    @property
    def subject(self) -> str:
        return f"assignment:{self.pk}"


class AccessGroup(models.Model):
    """A group of Identity Center's, to pick from. `user_ids`: only of those with access."""

    group_id = models.CharField(max_length=47, unique=True)
    name = models.CharField(max_length=1024)
    user_ids = models.JSONField(default=list)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
