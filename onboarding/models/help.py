"""What a member was stuck on and what came of it, and the founder's own word on each step."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from onboarding.models.member import Member
from onboarding.models.steps import Step

MOST_PASTED = 4000


class HelpRequest(models.Model):
    """A member is still stuck on a step: one open request a step, until it is solved."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="help_requests")
    step = models.CharField(max_length=20, choices=Step)
    pasted = models.TextField(blank=True)
    """What Kiro or AWS said, shortened, with whatever looks like a key taken out."""
    diagnosis = models.CharField(max_length=300, blank=True)
    """What the portal answered at once, and what did not help."""
    asked_at = models.DateTimeField(default=timezone.now)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    solved_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[HelpRequest]]

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "step"],
                name="help_open_once_a_step",
                condition=Q(solved_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"help for {self.member_id} on {self.step}"

    @property
    def is_waiting(self) -> bool:
        """Nobody has answered what was asked last."""
        return self.solved_at is None and self.answered_at is None


class StepNote(models.Model):
    """A founder's own note to a step: plain text, shown to every member."""

    step = models.CharField(max_length=20, choices=Step, primary_key=True)
    text = models.TextField(max_length=2000)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    written_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"note to {self.step}"
