"""Founders, managed in the browser: invited, removed, signed out; the last one stays."""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode

from onboarding.models import Member
from portal import audit
from portal.mailing import notices
from portal.mailing.notices import Letter
from portal.models import Notice, User, Workspace, normalise_email
from portal.sign_in import second_factor

KIND = "founder-invitation"


class Refused(Exception):
    """The request is refused; the message says why and what to do."""


def active() -> QuerySet[User]:
    """Everybody who may do everything, with what the page shows of them."""
    factors = Authenticator.objects.filter(user=OuterRef("pk"))
    return (
        User.objects.filter(role=User.Role.FOUNDER, is_active=True)
        .annotate(
            has_app=Exists(factors.filter(type=Authenticator.Type.TOTP)),
            has_key=Exists(factors.filter(type=Authenticator.Type.WEBAUTHN)),
        )
        .order_by("email")
    )


@transaction.atomic
def invite(*, email: str, name: str, actor: User) -> User:
    """A new account, or a member's own, becomes a founder's, and is told so. Raises: Refused."""
    held = _hold(actor)
    email = normalise_email(email)
    if any(founder.email == email for founder in held):
        raise Refused(f"{email} is a founder already.")
    user, is_new = User.objects.get_or_create(email=email, defaults={"name": name})
    user.role, user.is_active, user.name = User.Role.FOUNDER, True, user.name or name
    if is_new:
        user.set_unusable_password()
    user.save()
    user.end_sessions()  # what signed in a member is no founder's session, nor an old founder's
    _tell(user, by=actor)
    audit.record("founder.invited", subject=f"user:{user.pk}", actor=actor, detail={"email": email})
    return user


@transaction.atomic
def remove(user: User, *, actor: User) -> None:
    """Who is on the team as well stays a member; everybody else is out. Raises: Refused."""
    held = _hold(actor)
    if user not in held:
        raise Refused(f"{user} is no founder any more.")
    if len(held) == 1:
        raise Refused("You are the last founder. Invite another before you step down.")
    user.is_active = Member.objects.on_team().filter(user=user).exists()
    user.role = User.Role.MEMBER
    user.save(update_fields=["role", "is_active"])
    user.end_sessions()
    audit.record(
        "founder.removed",
        subject=f"user:{user.pk}",
        actor=actor,
        detail={"email": user.email, "stays_member": user.is_active},
    )


@transaction.atomic
def sign_out(user: User, *, actor: User) -> None:
    """End all their sessions, on every device. Raises: Refused."""
    if user not in _hold(actor):
        raise Refused(f"{user} is no founder any more.")
    user.end_sessions()
    audit.record("sessions.ended", subject=f"user:{user.pk}", actor=actor)


def _hold(actor: User) -> list[User]:
    """All founders, held until commit, in one order for everybody. Raises: Refused.

    So that of two who remove each other at the same moment one comes too late.
    """
    found = User.objects.filter(role=User.Role.FOUNDER, is_active=True)
    held = list(found.select_for_update().order_by("pk"))
    if actor not in held:
        raise Refused("You are no founder any more.")
    return held


# The mail --------------------------------------------------------------------------------------


def _tell(user: User, *, by: User) -> None:
    notices.post(
        kind=KIND,
        key=f"{KIND}:{user.pk}:{by.pk}:{user.sign_ins_ended}",
        to=user.email,
        about=f"user:{user.pk}",
    )


def render(notice: Notice) -> Letter:
    """The link is the sign-in page's: a code mailed there proves the address, so none lies here."""
    _, pk, by, _ = notice.key.split(":")
    user = User.objects.filter(pk=pk, role=User.Role.FOUNDER, is_active=True).first()
    if user is None:
        raise notices.Obsolete("They are no founder any more.")
    company = Workspace.load().company_name
    context = {
        "company": company,
        "inviter": User.objects.filter(pk=by).first() or company,
        "link": f"{settings.BASE_URL}{reverse('account_login')}?{urlencode({'email': user.email})}",
        "needs_factor": second_factor.is_missing(user),
    }
    return Letter(
        subject=f"You are a founder in the Kiro team portal of {company}",
        text=render_to_string("portal/email/founder_invitation.txt", context),
        html=render_to_string("portal/email/founder_invitation.html", context),
    )
