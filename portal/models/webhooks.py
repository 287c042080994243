"""Webhooks and what is delivered to them."""

from uuid import uuid4

from django.db import models
from django.utils import timezone

from portal.models.work import Work


class Webhook(models.Model):
    """Where a founder wants to be told of what they chose (`portal.webhooks`)."""

    class Kind(models.TextChoices):
        SLACK = "slack", "Slack-compatible"
        JSON = "json", "JSON, signed"

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.SLACK)
    url = models.CharField(max_length=500)
    events = models.JSONField(default=list)
    is_on = models.BooleanField(default=True)
    salt = models.CharField(max_length=32)
    """The signing secret is worked out from it and `SECRET_KEY`; it is kept nowhere."""
    secret_shown_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Delivery(Work):
    """One message to one webhook: a row first, tried until it is taken or given up."""

    called = "messages to webhooks"

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    event = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    payload = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    needs_aws = False

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "messages to webhooks"
        constraints = [
            models.UniqueConstraint(name="delivery_is_told_once", fields=["webhook", "key"])
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"
