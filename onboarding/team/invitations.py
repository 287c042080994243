"""The invitation: a link that signs its member in once, by an explicit click.

The link carries a signed member id and a nonce; a new link has a new nonce, which ends the old one.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q, Subquery
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from onboarding.models import Member
from onboarding.team import holding, trouble
from portal import audit, jobs
from portal.mailing import notices
from portal.mailing.notices import Letter
from portal.models import Notice, User, Workspace

DAYS_VALID = 14
KIND = "invitation"
_SALT = "onboarding.invitation"


class State(StrEnum):
    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    REPLACED = "replaced"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link stands for; `member` is None when nothing can be said of it."""

    state: State
    member: Member | None = None


def new_nonce() -> str:
    return secrets.token_hex(8)


def token_of(member: Member) -> str:
    return signing.dumps([member.pk, member.invitation_nonce], salt=_SALT)


def look_up(token: str) -> Invitation:
    """What the link is worth now. Changes nothing, so that mail scanners may follow it."""
    try:
        pk, nonce = signing.loads(token, salt=_SALT)
        is_expired = _is_expired(token)
    except signing.BadSignature:
        return Invitation(State.UNKNOWN)
    member = (
        Member.objects.on_team().filter(pk=pk).select_related("plan", "user", "added_by").first()
    )
    if member is None:
        return Invitation(State.UNKNOWN)
    return Invitation(_state(member, nonce, is_expired=is_expired), member)


def _is_expired(token: str) -> bool:
    try:
        signing.loads(token, salt=_SALT, max_age=timedelta(days=DAYS_VALID))
    except signing.SignatureExpired:
        return True
    return False


def _state(member: Member, nonce: str, *, is_expired: bool) -> State:
    if nonce != member.invitation_nonce:
        return State.REPLACED
    if member.invitation_used_at:
        return State.USED
    return State.EXPIRED if is_expired else State.OPEN


@transaction.atomic
def accept(token: str) -> User | None:
    """Use the link up; the user to sign in, or None when it was not open (any more)."""
    invitation = look_up(token)
    member = invitation.member
    if invitation.state != State.OPEN or member is None or member.user is None:
        return None
    unused = Member.objects.filter(
        pk=member.pk, invitation_nonce=member.invitation_nonce, invitation_used_at=None
    )
    if not unused.update(invitation_used_at=timezone.now()):
        return None
    audit.record("invitation.accepted", subject=f"member:{member.pk}", actor=member.user)
    return member.user


# Sending ---------------------------------------------------------------------------------------


def post(member: Member) -> Notice:
    """Put the invitation with the member's present link into the outbox, once for each link."""
    return notices.post(
        kind=KIND,
        key=f"{KIND}:{member.pk}:{member.invitation_nonce}",
        to=member.email,
        about=f"member:{member.pk}",
    )


@transaction.atomic
def resend(member: Member, *, actor: User) -> None:
    """A new link, which ends the old one, in a new mail. Raises: holding.HasLeft."""
    held = holding.staying(member)
    held.invitation_nonce, held.invitation_used_at = new_nonce(), None
    held.save(update_fields=["invitation_nonce", "invitation_used_at"])
    post(held)
    trouble.assess(held)
    audit.record("invitation.resent", subject=f"member:{held.pk}", actor=actor)


def render(notice: Notice) -> Letter:
    """Raises: notices.Obsolete when the member has left or a newer link was sent."""
    pk, nonce = notice.key.split(":")[1:]
    members = Member.objects.on_team().filter(pk=pk, invitation_nonce=nonce)
    member = members.select_related("plan", "added_by").first()
    if member is None:
        raise notices.Obsolete("A newer invitation was sent, or the member has left.")
    workspace = Workspace.load()
    context = {
        "member": member,
        "inviter": member.inviter or workspace.company_name,
        "company": workspace.company_name,
        "sign_in_url": workspace.sign_in_url,
        "region": workspace.identity_center_region,
        "user_name": member.user_name,
        "plan": member.plan,
        "link": settings.BASE_URL + reverse("onboarding:invitation", args=[token_of(member)]),
        "days_valid": DAYS_VALID,
    }
    return Letter(
        subject=f"{workspace.company_name} invites you to Kiro",
        text=render_to_string("onboarding/email/invitation.txt", context),
        html=render_to_string("onboarding/email/invitation.html", context),
    )


def retry_mail(member: Member) -> None:
    """Ask the outbox again for the last mail, if the mail server refused it, and an invitation."""
    mails = Notice.objects.filter(about=f"member:{member.pk}", to=member.email)
    last = mails.order_by("-pk").values("pk")[:1]
    stopped = Q(pk=Subquery(last), failure_code="refused") | Q(kind=KIND)
    for notice in mails.filter(stopped, sent_at=None):
        jobs.retry_now(notice, failure_code="", last_error="")
        jobs.enqueue_on_commit(notice)
