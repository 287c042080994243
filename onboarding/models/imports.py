"""A list of people that a founder brings: the batch, and what became of each of its rows."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from onboarding.models.member import Member
from onboarding.models.plan import Plan
from portal.models import Work

MOST_LETTERS = 300
"""How much of a cell is kept; an address has at most 254 letters, a name 100."""


class ImportBatch(Work):
    """One upload: a draft until it is confirmed, then the worker makes members of its rows."""

    called = "imports"

    class State(models.TextChoices):
        DRAFT = "draft", "Preview"
        CONFIRMED = "confirmed", "Being added"
        ADDED = "added", "Added"

    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(default=timezone.now)
    source = models.CharField(max_length=200)
    """The file's name, or that it was pasted."""
    read_as = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    """Of the people in it as they were read, whatever their order."""

    listing_token = models.TextField(blank=True)
    listed_at = models.DateTimeField(null=True, blank=True)
    """When Identity Center was listed to the end; null while nobody knows who exists there."""

    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=80, blank=True)
    """What makes two confirmations the same one; empty for a draft."""
    is_paused = models.BooleanField(default=False)

    objects: ClassVar[models.Manager[ImportBatch]]

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], name="import_confirmed_once", condition=~Q(key="")
            ),
            models.UniqueConstraint(
                fields=["uploaded_by", "digest"],
                name="import_drafted_once_a_founder",
                condition=Q(state="draft"),
            ),
        ]

    def __str__(self) -> str:
        return f"import {self.pk}"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT


class ImportRow(models.Model):
    """One row as it was read, what is to become of it and why, and who came of it."""

    class Verdict(models.TextChoices):
        NEW = "new", "New"
        ADOPT = "adopt", "In Identity Center already"
        MEMBER = "member", "Already a member"
        TWICE = "twice", "Twice in this file"
        UNKNOWN_PLAN = "unknown-plan", "Unknown plan"
        INVALID = "invalid", "Invalid"
        TAKEN = "taken", "Belongs to someone else"

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    email = models.CharField(max_length=MOST_LETTERS, blank=True)
    given_name = models.CharField(max_length=MOST_LETTERS, blank=True)
    family_name = models.CharField(max_length=MOST_LETTERS, blank=True)
    plan_text = models.CharField(max_length=MOST_LETTERS, blank=True)
    plan = models.ForeignKey(Plan, models.SET_NULL, null=True, related_name="+", db_index=False)
    verdict = models.CharField(max_length=12, choices=Verdict)
    reason = models.CharField(max_length=MOST_LETTERS, blank=True)
    directory_user_id = models.CharField(max_length=100, blank=True)
    directory_user_name = models.CharField(max_length=128, blank=True)
    member = models.ForeignKey(
        Member, models.SET_NULL, null=True, related_name="import_rows", db_index=False
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            # Also the index by which a batch's rows are found.
            models.UniqueConstraint(fields=["batch", "number"], name="import_row_number_once")
        ]

    def __str__(self) -> str:
        return f"row {self.number} of import {self.batch_id}"

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


TAKEN_IN = (ImportRow.Verdict.NEW, ImportRow.Verdict.ADOPT)
"""The verdicts of rows that become members; all others are refusals."""
