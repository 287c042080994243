"""The frame's rows: people who sign in, the company, work that waits, the audit log, the outbox."""

import unicodedata
from typing import ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone


def normalise_email(address: str) -> str:
    """One spelling for each address: width, surrounding space and case do not make two people."""
    return unicodedata.normalize("NFKC", address).strip().casefold()


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, *, role: str, name: str = "") -> "User":
        user = self.model(email=normalise_email(email), role=role, name=name)
        user.set_unusable_password()
        user.save()
        return user

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=normalise_email(email or ""))


class User(AbstractUser):
    """Somebody who may sign in: known by e-mail, a founder or a member."""

    class Role(models.TextChoices):
        FOUNDER = "founder", "Founder"
        MEMBER = "member", "Member"

    username = first_name = last_name = None  # type: ignore[assignment]
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_founder(self) -> bool:
        return self.role == self.Role.FOUNDER


class Workspace(models.Model):
    """The one company and its AWS set-up, chosen in the browser or by `manage.py connect`."""

    company_name = models.CharField(max_length=100, default="Our company")
    account_id = models.CharField(max_length=12, blank=True)
    instance_arn = models.CharField(max_length=1224, blank=True)
    identity_store_id = models.CharField(max_length=36, blank=True)
    identity_center_region = models.CharField(max_length=32, blank=True)
    sign_in_url = models.URLField(blank=True)
    kiro_region = models.CharField(max_length=32, blank=True)
    """Where Kiro's own profile is; Identity Center may be elsewhere."""
    cost_service = models.CharField(max_length=100, default="Kiro")
    report_bucket = models.CharField(max_length=63, blank=True)
    report_prefix = models.CharField(max_length=900, blank=True)
    connected_at = models.DateTimeField(null=True, blank=True)
    aws_paused_until = models.DateTimeField(null=True, blank=True)
    aws_pause_reason = models.TextField(blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="workspace_is_one", condition=models.Q(pk=1))]

    def __str__(self) -> str:
        return self.company_name

    @classmethod
    def load(cls) -> "Workspace":
        return cls.objects.get_or_create(pk=1)[0]

    @property
    def is_connected(self) -> bool:
        return bool(self.identity_store_id)


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

    class Meta:
        abstract = True

    @property
    def is_waiting(self) -> bool:
        return self.next_try_at is not None and not self.is_quarantined


class Notice(Work):
    """One mail to be sent: a row first, so that a crash or a dead mail server loses none.

    `kind` names the renderer (`portal.notices`); the text is made when it is sent, so that no
    sign-in link ever lies in the database. `key` makes a second request for the same mail one.
    """

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200, unique=True)
    to = models.EmailField()
    about = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class AuditEvent(models.Model):
    """Who did what to whom, when; append-only, each bound to the one before (`portal.audit`)."""

    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=254)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=60, blank=True, db_index=True)
    detail = models.JSONField(default=dict)
    aws_request_id = models.CharField(max_length=100, blank=True)
    chain = models.CharField(max_length=64)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


class AuditHead(models.Model):
    """The end of the audit log's chain: one row, held by whoever appends."""

    count = models.PositiveBigIntegerField(default=0)
    chain = models.CharField(max_length=64, blank=True)
    seal = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="audit_head_is_one", condition=models.Q(pk=1))]

    def __str__(self) -> str:
        return f"{self.count} events"


class JobRun(models.Model):
    """When a part or a scheduled job last ran, and how it ended."""

    name = models.CharField(max_length=60, primary_key=True)
    last_run_at = models.DateTimeField()
    last_error = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def note(cls, name: str, *, error: str = "") -> None:
        cls.objects.update_or_create(
            name=name, defaults={"last_run_at": timezone.now(), "last_error": error}
        )
