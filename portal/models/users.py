"""Who signs in, and what is kept of a sign-in that is under way."""

import unicodedata
from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac


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

    sign_ins_ended = models.PositiveIntegerField(default=0)
    """How often all sessions were ended at once; a session is bound to the number it began with."""

    has_second_factor: bool | None = None
    """Whether there is a strong one; known of a user who was read with a session alone."""

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_founder(self) -> bool:
        return self.role == self.Role.FOUNDER

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What sessions are bound to: another role, or all of them ended, and each is void."""
        said = f"{self.password} {self.role} {self.sign_ins_ended}"
        return salted_hmac(
            "portal.models.User.session", said, secret=secret, algorithm="sha256"
        ).hexdigest()

    @staticmethod
    def deactivate(users: "models.QuerySet[User]") -> int:
        """Close these sign-ins and end their sessions, which stay ended if one is opened again."""
        return users.update(is_active=False, sign_ins_ended=models.F("sign_ins_ended") + 1)

    def end_sessions(self) -> None:
        """Sign this user out everywhere, in the caller's transaction."""
        self.sign_ins_ended = models.F("sign_ins_ended") + 1
        self.save(update_fields=["sign_ins_ended"])
        self.refresh_from_db(fields=["sign_ins_ended"])


class MailedCode(models.Model):
    """The newest code mailed to somebody, as a digest; for strangers too (`sign_in.codes`)."""

    whom = models.CharField(max_length=64, primary_key=True)
    digest = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"asked at {self.asked_at:%H:%M}"


class UsedAssertion(models.Model):
    """A SAML assertion that signed somebody in, kept for as long as it would be taken."""

    key = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"until {self.until:%H:%M}"

    @classmethod
    def take(cls, assertion: str, *, until: datetime, now: datetime) -> bool:
        """Whether this is its first use: of two at the same moment one is."""
        cls.objects.filter(until__lt=now - timedelta(minutes=10)).delete()  # clocks differ
        key = salted_hmac("portal.saml", assertion, algorithm="sha256").hexdigest()
        return cls.objects.get_or_create(key=key, defaults={"until": until})[1]
