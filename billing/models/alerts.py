"""What founders were told of, each cause once, and the budget they have set."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class AlertQuerySet(models.QuerySet["Alert"]):
    def open(self) -> "AlertQuerySet":
        """Still so."""
        return self.filter(ended_at=None)

    def to_show(self) -> "AlertQuerySet":
        return self.open().filter(seen_at=None)


class Alert(models.Model):
    """One cause for founders to look at the money, from when it was found to when it was over.

    `key` is the cause: the same one is raised once, for good. The text goes with the time until it
    is over.
    """

    class Kind(models.TextChoices):
        CREDITS_END = "credits-end", "Credits end"
        GRANT_EXPIRES = "grant-expires", "Credits expire"
        NET_CHARGE = "net-charge", "First charge"
        BUDGET = "budget", "Budget"
        NO_SEATS = "no-seats", "Spend without seats"
        STALE = "stale", "Figures are old"

    kind = models.CharField(max_length=20, choices=Kind)
    key = models.CharField(max_length=200, unique=True)
    text = models.TextField()
    raised_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-pk"]

    def __str__(self) -> str:
        return self.key

    @property
    def tone(self) -> str:
        """How it looks: see `components/badge.html`."""
        return "bad" if self.kind in _COSTLY else "warn"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


_COSTLY = {Alert.Kind.NET_CHARGE, Alert.Kind.NO_SEATS}


class Budget(models.Model):
    """How much Kiro may use a month, before credits: one row, or none."""

    amount = models.DecimalField(max_digits=11, decimal_places=2)
    currency = models.CharField(max_length=10, default="USD")
    set_at = models.DateTimeField(default=timezone.now)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(name="budget_is_one", condition=Q(pk=1)),
            models.CheckConstraint(name="budget_is_some", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} a month"

    @classmethod
    def current(cls) -> "Budget | None":
        return cls.objects.filter(pk=1).first()
