"""The five steps, and which of them each member has taken."""

from django.db import models
from django.db.models import Q

from onboarding.models.member import Member


class Step(models.TextChoices):
    """What every member does, in this order; the values are part of the URLs."""

    ACTIVATE = "activate", "Activate your AWS sign-in"
    CANCEL_INDIVIDUAL = "cancel-individual", "Cancel your individual plan"
    SIGN_OUT = "sign-out", "Sign out of Kiro everywhere"
    ORG_SIGN_IN = "org-sign-in", "Sign in with organizational identity"
    VERIFY_PLAN = "verify-plan", "Verify your plan"


class StepRecord(models.Model):
    """A step that a member has taken: told by the member, seen by the portal, or both."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="steps")
    step = models.CharField(max_length=20, choices=Step)
    told_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    evidence = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["member", "step"], name="step_once_a_member"),
            models.CheckConstraint(
                name="step_is_told_or_seen",
                condition=Q(told_at__isnull=False) | Q(seen_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} of {self.member_id}"
