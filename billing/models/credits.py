"""Credit grants, read from AWS or typed in, and how the last reading went."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.models import Work


class CreditGrantQuerySet(models.QuerySet["CreditGrant"]):
    def typed(self) -> "CreditGrantQuerySet":
        return self.filter(credit_id="")

    def from_aws(self) -> "CreditGrantQuerySet":
        return self.exclude(credit_id="")


class CreditGrant(models.Model):
    """One credit that AWS has granted the company.

    `left_amount` is what was left at the end of `left_on`: as AWS says, or as a founder read it
    off the console. Without it, what is left follows from the credits on the bill.
    """

    credit_id = models.CharField(max_length=64, blank=True)
    """AWS's own; empty when a founder typed the grant in."""
    name = models.CharField(max_length=200)
    amount = models.DecimalField(max_digits=20, decimal_places=10)
    currency = models.CharField(max_length=10, default="USD")
    left_amount = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)
    starts_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    """The last day on which it pays; null when AWS names none."""
    products = models.JSONField(default=list)
    """What it pays for, in AWS's names; empty for everything."""
    is_enabled = models.BooleanField(default=True)
    typed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField(default=timezone.now)

    objects = CreditGrantQuerySet.as_manager()

    class Meta:
        ordering = [F("expires_on").asc(nulls_last=True), "starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["credit_id"], name="credit_grant_once", condition=~Q(credit_id="")
            ),
            models.CheckConstraint(
                name="credit_grant_left_has_day",
                condition=Q(left_amount=None, left_on=None)
                | Q(left_amount__isnull=False, left_on__isnull=False),
            ),
            models.CheckConstraint(
                name="credit_grant_ends_after_start",
                condition=Q(expires_on=None) | Q(expires_on__gte=F("starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_typed(self) -> bool:
        return not self.credit_id


class CreditReading(Work):
    """How asking AWS for the grants stands: one row, due once a day, enqueued like any work."""

    called = "readings of the credits"

    class Outcome(models.TextChoices):
        NEVER = "never", "Not yet"
        DONE = "done", "Done"
        DENIED = "denied", "Not allowed"
        FAILED = "failed", "Failed"

    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.NEVER)
    read_at = models.DateTimeField(null=True, blank=True)
    """When AWS last told; kept when a later try fails."""
    tried_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="credit_reading_is_one", condition=Q(pk=1))]

    def __str__(self) -> str:
        return f"credits {self.outcome}"

    @classmethod
    def load(cls) -> "CreditReading":
        """The row; made when it is first asked for, due at once."""
        return cls.objects.get_or_create(pk=1, defaults={"next_try_at": timezone.now()})[0]

    @classmethod
    def current(cls) -> "CreditReading":
        """For looking only: pages make no row."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def is_denied(self) -> bool:
        return self.outcome == self.Outcome.DENIED

    @property
    def is_under_way(self) -> bool:
        return self.next_try_at is not None and self.next_try_at <= timezone.now()
