"""What each person used in a month, summed up when reports are read, and what counts as idle."""

from __future__ import annotations

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models


class UsageMonthQuerySet(models.QuerySet["UsageMonth"]):
    def of_month(self, month: date) -> UsageMonthQuerySet:
        return self.filter(month=month)


class UsageMonth(models.Model):
    """One person's month: the sum of their `UsageDay` rows (see `billing.usage.months`)."""

    month = models.DateField()
    directory_user_id = models.CharField(max_length=100)
    credits_used = models.DecimalField(max_digits=22, decimal_places=6)
    overage_credits_used = models.DecimalField(max_digits=22, decimal_places=6)
    messages = models.BigIntegerField()
    conversations = models.BigIntegerField()
    active_days = models.PositiveSmallIntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    clients = models.CharField(max_length=200)
    """Their names as in the reports, in order, with spaces between."""
    tier = models.CharField(max_length=40, blank=True)
    """As the last day says it, in lower-case letters only."""
    tier_text = models.CharField(max_length=100, blank=True)
    report_email = models.EmailField(blank=True)

    objects = UsageMonthQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "directory_user_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["month", "directory_user_id"], name="usage_month_once_a_person"
            )
        ]
        indexes = [models.Index(fields=["directory_user_id", "month"], name="usage_months_of_user")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.directory_user_id}"


class IdleRules(models.Model):
    """From when on a paid seat counts as idle: one row."""

    after_days = models.PositiveSmallIntegerField(
        default=14, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    """Days without a row in the report."""
    grace_days = models.PositiveSmallIntegerField(default=7, validators=[MaxValueValidator(365)])
    """Days after the invitation in which nobody is called idle."""

    class Meta:
        constraints = [models.CheckConstraint(name="idle_rules_are_one", condition=models.Q(pk=1))]

    def __str__(self) -> str:
        return f"idle after {self.after_days} days"

    @classmethod
    def load(cls) -> IdleRules:
        """The row, or what it would be: looking changes nothing."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
