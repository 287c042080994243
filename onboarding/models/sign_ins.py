"""Sign-ins to Identity Center as CloudTrail has them: how far it was read, and who signed in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from portal.models import Work


class SignInReading(Work):
    """How far CloudTrail has been read for an identity store; due again every hour.

    CloudTrail lists the newest event first, so a reading goes from `window_end` back to
    `window_start`; `token` is the page to go on with, however the worker ended.
    """

    called = "readings of sign-ins"

    store_id = models.CharField(max_length=36, unique=True)
    read_from = models.DateTimeField(null=True, blank=True)
    """Nothing before this moment has been read."""
    read_to = models.DateTimeField(null=True, blank=True)
    """Everything from `read_from` to this moment has been read."""
    window_start = models.DateTimeField(null=True, blank=True)
    window_end = models.DateTimeField(null=True, blank=True)
    token = models.TextField(blank=True)

    objects: ClassVar[models.Manager[SignInReading]]

    def __str__(self) -> str:
        return f"sign-ins of {self.store_id}"


class DirectorySignIn(models.Model):
    """When somebody in the directory signed in: no address, no browser, no link.

    Kept for whoever is there, since a user may be adopted as a member after signing in.
    """

    store_id = models.CharField(max_length=36)
    user_id = models.CharField(max_length=100)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    last_own_at = models.DateTimeField(null=True, blank=True)
    """The last one with a password or key of their own, not with a one-time code by mail."""
    last_mfa_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[DirectorySignIn]]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store_id", "user_id"], name="sign_in_once_a_user")
        ]

    def __str__(self) -> str:
        return f"sign-ins of {self.user_id}"
