"""How allauth behaves here: nobody signs up by themselves, and one-time links for founders."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ConfirmLoginCodeForm as AllauthConfirmForm
from allauth.account.forms import RequestLoginCodeForm as AllauthRequestForm
from allauth.core import context
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import (
    url_has_allowed_host_and_scheme,
    urlsafe_base64_decode,
    urlsafe_base64_encode,
)

from portal import form_words, limits
from portal.mailing import mail
from portal.models import User
from portal.sign_in import codes, confirmation

_CODE_MAIL = "account/email/login_code"


class Adapter(DefaultAccountAdapter):
    error_messages: ClassVar = {**DefaultAccountAdapter.error_messages, **form_words.OF_SIGN_IN}

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # allauth's
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Only a path of our own: after sign-in nobody is led to another host, however spelt."""
        return is_own_path(url)

    def get_client_ip(self, request: HttpRequest) -> str:
        return limits.client_address(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Rendered now, sent beside the request: no mail server makes an answer slow or an error.

        That the answer comes before the mail is also why it says nothing of who is known here.
        """
        if template_prefix == _CODE_MAIL:
            codes.remember(whom=email, code=context["code"], now=timezone.now())
        mail.send_soon(self.render_mail(template_prefix, email, {"email": email, **context}))

    def seem_to_mail_a_code(self, email: str) -> None:
        """For an address that nobody here has: all the work of a mail but the mail."""
        code = self.generate_login_code()
        codes.remember(whom=email, code=code, now=timezone.now())
        self.render_mail(_CODE_MAIL, email, {"email": email, "code": code})

    def get_login_stages(self) -> list[str]:
        """The one-time link comes from the server's own shell: it stands for both factors."""
        if getattr(context.request, "is_by_one_time_link", False):
            return []
        stages: list[str] = super().get_login_stages()
        return stages

    def is_reauthentication_required(self, *, app: str, **_other: Any) -> bool:  # noqa: ARG002
        """allauth's pages about factors ask exactly when ours do (`sign_in.confirmation`)."""
        if not confirmation.is_recent(context.request):
            raise ReauthenticationRequired  # allauth itself would let those without a factor pass
        return False

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        """A second factor where there is one; else the password, or a mailed code."""
        if not user.is_authenticated:
            return []
        methods: list[dict[str, str]] = super().get_reauthentication_methods(user)
        strong = [method for method in methods if method["id"] != "reauthenticate"]
        by_mail = {
            "id": "code",
            "description": "Have a code mailed",
            "url": f"{reverse('confirm')}?mail=1",
        }
        return strong or [*methods, by_mail]


class RequestLoginCodeForm(AllauthRequestForm):
    def clean_email(self) -> str:
        email: str = super().clean_email()
        if self._user is None:
            Adapter(context.request).seem_to_mail_a_code(email)
        return email


class ConfirmLoginCodeForm(AllauthConfirmForm):
    """allauth binds the code to the browser; the tries and the one use are counted here."""

    def clean_code(self) -> str:
        whom = context.request._login_stage.state["email"]  # noqa: SLF001  # allauth keeps it there
        try:
            code: str = super().clean_code()
        except ValidationError:
            codes.count_try(whom=whom, now=timezone.now())
            raise
        if not codes.take(whom=whom, code=code, now=timezone.now()):
            raise Adapter(context.request).validation_error("incorrect_code")
        return code


def is_own_path(url: str | None) -> bool:
    """Whether this is a path on this very host, whatever a browser makes of it."""
    return (
        url is not None
        and url.startswith("/")
        and url.isprintable()
        and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    )


# One-time links --------------------------------------------------------------------------------


class _LinkTokens(PasswordResetTokenGenerator):
    """A token that dies with its first use, since it covers the time of the last sign-in."""

    key_salt = "portal.accounts.one_time_link"

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        last = user.last_login.isoformat() if user.last_login else ""
        return f"{super()._make_hash_value(user, timestamp)}{last}{user.sign_ins_ended}"


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


def use_up_link(user: User) -> bool:
    """Compare and set: of two clicks at the same moment one signs in."""
    unused = User.objects.filter(pk=user.pk, last_login=user.last_login, is_active=True)
    return bool(unused.update(last_login=timezone.now()))
