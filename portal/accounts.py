"""How allauth behaves here: nobody signs up by themselves, and one-time links for founders."""

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from portal.models import User


class Adapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # allauth's
        return False


class _LinkTokens(PasswordResetTokenGenerator):
    """A token that dies with its first use, since it covers the time of the last sign-in."""

    key_salt = "portal.accounts.one_time_link"


_tokens = _LinkTokens()


def one_time_path(user: User) -> str:
    """The path that signs this user in once, by an explicit click (`manage.py founder`)."""
    pk = urlsafe_base64_encode(str(user.pk).encode())
    return reverse("one-time-link", args=[pk, _tokens.make_token(user)])


def user_of_link(encoded_pk: str, token: str) -> User | None:
    try:
        pk = int(urlsafe_base64_decode(encoded_pk))
    except (ValueError, OverflowError):
        return None
    user = User.objects.filter(pk=pk, is_active=True).first() if pk < 2**63 else None
    return user if user and _tokens.check_token(user, token) else None
