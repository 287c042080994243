"""Second factors as allauth keeps them, with their secrets encrypted under `SECRET_KEY`."""

import base64
import hashlib
import secrets
from typing import Any, ClassVar

from allauth.mfa import signals
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from portal import audit, form_words
from portal.models import User


class Adapter(DefaultMFAAdapter):
    error_messages: ClassVar = {**DefaultMFAAdapter.error_messages, **form_words.OF_FACTORS}

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """After a change of `SECRET_KEY`: a secret that nobody knows, so that no code fits."""
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def _get_site_name(self) -> str:
        return "Kiro team portal"


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(str(key))) for key in keys])


def _key(secret: str) -> bytes:
    digest = hashlib.sha256(f"portal.factors:{secret}".encode()).digest()
    return base64.urlsafe_b64encode(digest)


# Every change of a factor is on record ---------------------------------------------------------


def _on_added(user: User, authenticator: Any, **_other: Any) -> None:
    _record("second_factor.added", user, authenticator)


def _on_removed(user: User, authenticator: Any, **_other: Any) -> None:
    _record("second_factor.removed", user, authenticator)


def _on_reset(user: User, authenticator: Any, **_other: Any) -> None:
    _record("second_factor.renewed", user, authenticator)


def _record(action: str, user: User, authenticator: Any) -> None:
    kind = str(authenticator.type)
    audit.record(action, subject=f"user:{user.pk}", actor=user, detail={"kind": kind})


def listen() -> None:
    signals.authenticator_added.connect(_on_added, dispatch_uid="portal.factors.added")
    signals.authenticator_removed.connect(_on_removed, dispatch_uid="portal.factors.removed")
    signals.authenticator_reset.connect(_on_reset, dispatch_uid="portal.factors.reset")
