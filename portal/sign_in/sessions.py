"""Sessions in the database, each read together with whose it is: one query where Django makes two.

Whom a session signs in stands in the session itself, and there alone. allauth notes it once more
in a table of its own (`UserSession`), which tells which user to read along. That user is taken on
the conditions on which Django takes one; wherever one of them does not hold, Django decides.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, middleware
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from portal.models import User

# Columns one by one: a prepared `SELECT *` fails once a migration has added one.
_WITH_OWNER = """
    SELECT
        django_session.session_data,
        owner.id, owner.email, owner.name, owner.role, owner.password, owner.sign_ins_ended,
        owner.last_login, owner.date_joined, owner.is_active, owner.is_staff, owner.is_superuser,
        EXISTS (
            SELECT 1 FROM mfa_authenticator
            WHERE mfa_authenticator.user_id = owner.id AND type IN ('totp', 'webauthn')
        ) AS has_second_factor
    FROM django_session
    LEFT JOIN usersessions_usersession
        ON usersessions_usersession.session_key = django_session.session_key
    LEFT JOIN portal_user AS owner ON owner.id = usersessions_usersession.user_id
    WHERE django_session.session_key = %s AND django_session.expire_date > %s
"""


class SessionStore(db.SessionStore):
    owner: User | None = None
    """Whose it is by allauth's note, read with the session."""

    def load(self) -> dict[str, Any]:
        for found in User.objects.raw(_WITH_OWNER, [self.session_key, timezone.now()]):
            self.owner = found if found.pk else None
            return self.decode(vars(found)["session_data"])
        self._session_key = None
        return {}


def forget_ended(*, now: datetime) -> None:
    """Sessions whose time is over, and what allauth noted of those that are gone.

    Not of the last day: somebody may just be signing in.
    """
    SessionStore.clear_expired()
    noted = UserSession.objects.filter(last_seen_at__lt=now - timedelta(days=1))
    noted.exclude(session_key__in=Session.objects.values("session_key")).delete()


class AuthenticationMiddleware(middleware.AuthenticationMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(partial(_user_of, request))  # type: ignore[assignment]


def _user_of(request: HttpRequest) -> Any:
    if owner := _signed_in(request.session):
        request._cached_user = owner  # type: ignore[attr-defined]  # noqa: SLF001  # Django's own
    return middleware.get_user(request)


def _signed_in(session: Any) -> User | None:
    """The owner that was read along, if the session signs exactly them in."""
    whose = session.get(SESSION_KEY)  # to look into a session is what reads it
    owner: User | None = session.owner
    if owner is None or whose != str(owner.pk) or not owner.is_active:
        return None
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    bound_to = session.get(HASH_SESSION_KEY, "")
    return owner if constant_time_compare(bound_to, owner.get_session_auth_hash()) else None
