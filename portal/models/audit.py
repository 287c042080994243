"""The audit log, and the ends of its chain."""

from typing import Any

from django.db import models
from django.utils import timezone


class AppendOnly(Exception):
    """Somebody tried to change or remove an event of the audit log."""


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def update(self, **_changes: Any) -> int:
        raise AppendOnly("Events of the audit log are not edited.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnly("Events of the audit log are not removed.")

    def cut_off(self) -> int:
        """Remove them all the same: for `portal.retention`, which seals what is left."""
        return super().delete()[0]


class AuditEvent(models.Model):
    """Who did what to whom, when, from where; append-only, each bound to the one before
    (`portal.audit`)."""

    class Result(models.TextChoices):
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=254)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=60, blank=True, db_index=True)
    detail = models.JSONField(default=dict)
    aws_request_id = models.CharField(max_length=100, blank=True)
    result = models.CharField(max_length=10, choices=Result, default=Result.DONE)
    origin = models.CharField(max_length=100, blank=True)
    """A browser's address, a task's name, or a command's (`portal.logs.trace`)."""
    chain = models.CharField(max_length=64)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["at"], name="auditevent_at"),
            models.Index(fields=["actor"], name="auditevent_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("Events of the audit log are not edited.")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnly("Events of the audit log are not removed.")


class AuditHead(models.Model):
    """The ends of the audit log's chain: one row, held by whoever appends.

    `count` events were written, of which the first `removed` have left (`portal.retention`);
    `anchor` is what the first one left follows from.
    """

    count = models.PositiveBigIntegerField(default=0)
    removed = models.PositiveBigIntegerField(default=0)
    anchor = models.CharField(max_length=64, blank=True)
    chain = models.CharField(max_length=64, blank=True)
    seal = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="audit_head_is_one", condition=models.Q(pk=1))]

    def __str__(self) -> str:
        return f"{self.count} events"
