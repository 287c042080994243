"""Everything that is stored about one member, to hand over. The roof: knows both apps.

Left out is what is no knowledge about the person but a key: invitation and session secrets,
second factors, leases. `docs/privacy.md` has the same list in words; a test holds every table
that points at a member against this module.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Q, QuerySet

from billing.models import UsageDay, UsageMonth
from onboarding.models import DirectorySignIn, HelpRequest, ImportRow, Member
from portal.mailing import notices
from portal.models import AuditEvent, Notice, User

MEMBER = (
    "email",
    "given_name",
    "family_name",
    "plan__name",
    "status",
    "added_at",
    "added_by__email",
    "invited_at",
    "invitation_used_at",
    "last_activity_at",
    "directory_user_id",
    "directory_user_name",
    "origin",
    "directory_status",
    "directory_checked_at",
    "directory_trouble",
    "seat_group_id",
    "seat_requested_at",
    "leaves_on",
    "left_at",
    "steps_done",
    "individual_plan",
    "individual_plan_until",
    "contradicted_at",
    "asked_for_help_at",
    "verdict",
    "verdict_at",
    "trouble",
    "trouble_since",
    "last_error",
)
SESSION = ("created_at", "last_seen_at", "ip", "user_agent")
FACTOR = ("type", "created_at", "last_used_at")
ACCOUNT = ("email", "name", "role", "is_active", "date_joined", "last_login")
STEP = ("step", "told_at", "seen_at", "evidence")
HELP = ("step", "pasted", "diagnosis", "asked_at", "answer", "answered_at", "solved_at")
SIGN_IN = ("first_at", "last_at", "last_own_at", "last_mfa_at")
IMPORTED = ("batch__uploaded_at", "line", "email", "given_name", "family_name", "plan_text",
            "verdict", "reason")  # fmt: skip
DRIFT = ("kind", "user_name", "email", "given_name", "family_name", "mark", "found_at",
         "closed_at", "ending", "ignored_at", "ignore_reason")  # fmt: skip
DAY = ("day", "client", "region", "tier_text", "conversations", "messages", "credits_used",
       "overage_credits_used", "overage_cap", "overage_enabled", "new_user", "profile_id",
       "report_email", "model_messages")  # fmt: skip
MONTH = ("month", "clients", "tier_text", "credits_used", "overage_credits_used", "messages",
         "conversations", "active_days", "first_day", "last_day")  # fmt: skip
EVENT = ("at", "actor", "action", "detail", "aws_request_id")


def of(member: Member, *, now: datetime) -> dict[str, Any]:
    """By kind, ready for JSON."""
    person = Q(directory_user_id=member.directory_user_id) & ~Q(directory_user_id="")
    return {
        "exported_at": now,
        "member": _one(Member.objects.filter(pk=member.pk), MEMBER),
        "account": _one(User.objects.filter(member=member), ACCOUNT),
        "signed_in_devices": list(UserSession.objects.filter(user=member.user).values(*SESSION)),
        "second_factors": list(Authenticator.objects.filter(user=member.user).values(*FACTOR)),
        "steps": list(member.steps.values(*STEP)),
        "calls_for_help": list(HelpRequest.objects.filter(member=member).values(*HELP)),
        "reminders_stopped_at": getattr(_stop(member), "stopped_at", None),
        "sign_ins": list(_sign_ins(member).values(*SIGN_IN)),
        "imported_rows": list(ImportRow.objects.filter(member=member).values(*IMPORTED)),
        "differences_to_identity_center": list(member.drifts.values(*DRIFT)),
        "usage_by_month": list(UsageMonth.objects.filter(person).values(*MONTH)),
        "usage_by_day": list(UsageDay.objects.filter(person).values(*DAY)),
        "mails": [_mail(notice) for notice in _notices(member)],
        "events": _events(member),
    }


def _one(rows: QuerySet[Any], fields: Iterable[str]) -> dict[str, Any] | None:
    return rows.values(*fields).first()


def _stop(member: Member) -> Any:
    return getattr(member, "reminder_stop", None)


def _sign_ins(member: Member) -> QuerySet[DirectorySignIn]:
    known = DirectorySignIn.objects.exclude(user_id="")
    return known.filter(user_id=member.directory_user_id)


def _notices(member: Member) -> QuerySet[Notice]:
    return Notice.objects.filter(about=f"member:{member.pk}").order_by("created_at")


def _mail(notice: Notice) -> dict[str, Any]:
    return {
        "kind": notice.kind,
        "to": notice.to,
        "subject": notices.subject_of(notice),
        "asked_for_at": notice.created_at,
        "sent_at": notice.sent_at,
    }


def _events(member: Member) -> list[dict[str, Any]]:
    """What was done to the member, and what they did themselves: to others, without particulars."""
    own = Q(actor=member.email) if member.user_id else Q()
    found = AuditEvent.objects.filter(Q(subject=f"member:{member.pk}") | own).order_by("pk")
    events = list(found.values(*EVENT, "subject"))
    themselves = {f"member:{member.pk}", f"user:{member.user_id}"}
    for event in events:
        if event.pop("subject") not in themselves:
            event["detail"] = {}
    return events
