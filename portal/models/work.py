"""Rows that wait for work, and the outbox of mails."""

from typing import ClassVar

from django.db import models
from django.utils import timezone


class Work(models.Model):
    """A row that waits for work outside the database (see `portal.jobs`).

    `next_try_at` is when it is due, null when there is nothing to do. `lease` names the worker
    that holds the row until `leased_until`; whoever finds the lease run out may take it over.
    """

    next_try_at = models.DateTimeField(null=True, blank=True, db_index=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    lease = models.CharField(max_length=32, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    failure_code = models.CharField(max_length=100, blank=True)
    last_error = models.TextField(blank=True)
    is_quarantined = models.BooleanField(default=False)

    called: ClassVar[str]
    """What such rows are called in plain words, on the status page and to webhooks."""
    needs_aws: ClassVar[bool] = True
    """Whether the work waits while AWS refuses our credentials."""

    class Meta:
        abstract = True

    @property
    def is_waiting(self) -> bool:
        return self.next_try_at is not None and not self.is_quarantined


class Notice(Work):
    """One mail to be sent: a row first, so that a crash or a dead mail server loses none.

    `kind` names the renderer (`mailing.notices`); the text is made when it is sent, so that no
    sign-in link ever lies in the database. `key` makes a second request for the same mail one.
    """

    called = "mails"

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200, unique=True)
    to = models.EmailField()
    about = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    doubts = models.PositiveSmallIntegerField(default=0)
    """How often the mail server had all of it and broke off without an answer."""

    needs_aws = False

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            # Each attempt at a member asks for theirs; who looks at all asks for those refused.
            models.Index(fields=["about"], name="notice_about"),
            models.Index(
                fields=["about"], condition=models.Q(failure_code="refused"), name="notice_refused"
            ),
            # What reminders go by.
            models.Index(fields=["kind", "key"], name="notice_kind_key"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
