"""When reminders go out, and who does not want them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from onboarding.models.member import Member


class ReminderSettings(models.Model):
    """The company's clock, after how many days to remind, and whether reminders rest: one row."""

    time_zone = models.CharField(max_length=60, default="UTC")
    first_after_days = models.PositiveSmallIntegerField(default=3, db_default=3)
    then_after_days = models.PositiveSmallIntegerField(default=7, db_default=7)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[models.Manager[ReminderSettings]]

    class Meta:
        constraints = [models.CheckConstraint(name="reminders_are_one", condition=models.Q(pk=1))]

    def __str__(self) -> str:
        return f"reminders, {self.time_zone}"

    @property
    def after_days(self) -> tuple[int, int]:
        """Both count from the same day: the last one with progress."""
        return self.first_after_days, self.then_after_days

    @classmethod
    def load(cls) -> ReminderSettings:
        """The row, or what it would be: looking changes nothing."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class ReminderStop(models.Model):
    """No reminders to this member: by their own wish, or a founder's."""

    member = models.OneToOneField(
        Member, models.CASCADE, primary_key=True, related_name="reminder_stop"
    )
    stopped_at = models.DateTimeField()
    by_founder = models.BooleanField(default=False)

    objects: ClassVar[models.Manager[ReminderStop]]

    def __str__(self) -> str:
        return f"no reminders to {self.member_id}"
