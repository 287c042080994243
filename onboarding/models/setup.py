"""Set-up: jobs that ask AWS for a founder, what only a person can confirm, errors nobody knows."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.models import Work


class SetupRunQuerySet(models.QuerySet["SetupRun"]):
    def under_way(self) -> "SetupRunQuerySet":
        return self.filter(outcome=SetupRun.Outcome.UNDER_WAY)

    def done(self) -> "SetupRunQuerySet":
        return self.filter(outcome=SetupRun.Outcome.DONE)


class SetupRun(Work):
    """One look at AWS, one connecting or one preflight: what was asked, and what came of it.

    Pages show `found` with its time and never ask AWS themselves. At most one of each kind is
    under way: the database refuses a second.
    """

    called = "set-up jobs"

    class Kind(models.TextChoices):
        LOOK = "look", "Look at AWS"
        CONNECT = "connect", "Connect"
        PREFLIGHT = "preflight", "Preflight"

    class Outcome(models.TextChoices):
        UNDER_WAY = "under-way", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    kind = models.CharField(max_length=10, choices=Kind)
    asked = models.JSONField(default=dict)
    found = models.JSONField(default=dict)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.UNDER_WAY)
    reason = models.TextField(blank=True)

    objects = SetupRunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "set-up jobs"
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(outcome="under-way"), name="setup_run_one_of_a_kind"
            )
        ]
        indexes = [models.Index(fields=["kind", "-id"], name="setup_run_latest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_under_way(self) -> bool:
        return self.outcome == self.Outcome.UNDER_WAY

    @property
    def is_failed(self) -> bool:
        return self.outcome == self.Outcome.FAILED


class SetupTick(models.Model):
    """A founder's word for what no API tells; taken back by deleting it."""

    class Fact(models.TextChoices):
        PERMISSION_SETS = "permission-sets", "Permission sets looked at"
        EMAIL_OTP = "email-otp", "Send email OTP is on"
        GROUP_SUBSCRIBED = "group-subscribed", "The seat group is subscribed"
        APPLICATION_APPROVED = "application-approved", "The Kiro application is approved"

    fact = models.CharField(max_length=20, choices=Fact, unique=True)
    about = models.CharField(max_length=100, blank=True)
    """Of what the word was given, such as the seat group's id: for another it does not count."""
    ticked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    ticked_by_name = models.CharField(max_length=254)
    ticked_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.fact


class UnknownError(models.Model):
    """An error text nobody knows, handed to the founders by its owner's consent."""

    text = models.TextField()
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    sent_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"unknown error {self.pk}"
