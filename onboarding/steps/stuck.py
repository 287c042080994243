"""I'm stuck: the answer at once, else a call for help that waits for a founder."""

import re

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from onboarding.models import HelpRequest, Member, Step
from onboarding.models.help import MOST_PASTED
from onboarding.team import trouble, webhook_events
from portal import audit
from portal.mailing import notices
from portal.mailing.notices import Letter
from portal.models import Notice, User, Workspace

KIND = "help-answer"

_SECRETS = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\beyJ[\w-]{10,}\.[\w-]+(?:\.[\w-]*)?"
    r"|(?P<name>(?<!\w)(?=\w*?(?:secret|token|password|workflowResultHandle|authorization))"
    r"\w++[\"']?\s*+[:=]\s*+)"
    r"(?:bearer\s+)?[\"']?[^\s\"'&,]+",
    re.IGNORECASE,
)


def clean(text: str) -> str:
    """What may be kept of a pasted error: no keys, no tokens, no more than is read."""
    without = _SECRETS.sub(lambda found: f"{found['name'] or ''}[taken out]", text)
    return without.replace("\0", "").strip()[:MOST_PASTED]


# The member ------------------------------------------------------------------------------------


@transaction.atomic
def ask(member: Member, step: Step, *, text: str, diagnosis: str, by: User) -> HelpRequest:
    """Still stuck: onto the founder's board. Asking again renews the call that is open."""
    row = Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
    said = {"pasted": clean(text), "diagnosis": diagnosis[:300], "asked_at": timezone.now()}
    unanswered = {"answer": "", "answered_at": None, "answered_by": None}
    call, _ = HelpRequest.objects.update_or_create(
        member=row, step=step, solved_at=None, defaults={**said, **unanswered}
    )
    _settle(row)
    webhook_events.help_wanted(row, step, call=call.pk)
    audit.record("help.asked", subject=f"member:{row.pk}", actor=by, detail={"step": step})
    return call


@transaction.atomic
def solve(call: HelpRequest, *, by: User) -> None:
    """Over, whoever says so. Saying so twice is saying it once."""
    row = Member.objects.select_for_update(of=("self",)).get(pk=call.member_id)
    if HelpRequest.objects.filter(pk=call.pk, solved_at=None).update(solved_at=timezone.now()):
        _settle(row)
        detail = {"step": call.step}
        audit.record("help.solved", subject=f"member:{row.pk}", actor=by, detail=detail)


def close(row: Member, step: Step) -> None:
    """The step is done, so whatever they were stuck on is over. On the held row."""
    if row.help_requests.filter(step=step, solved_at=None).update(solved_at=timezone.now()):
        _settle(row)


def _settle(row: Member) -> None:
    waiting = row.help_requests.filter(solved_at=None, answered_at=None).order_by("asked_at")
    row.asked_for_help_at = waiting.values_list("asked_at", flat=True).first()
    row.save(update_fields=["asked_for_help_at"])
    trouble.assess(row)


def open_calls(member: Member) -> QuerySet[HelpRequest]:
    return HelpRequest.objects.filter(member=member, solved_at=None).select_related("answered_by")


# The founder -----------------------------------------------------------------------------------


def calls() -> QuerySet[HelpRequest]:
    """All open calls of people on the team, those that wait for an answer first."""
    still_here = HelpRequest.objects.filter(solved_at=None).exclude(
        member__status=Member.Status.REMOVED
    )
    related = still_here.select_related("member__plan", "answered_by")
    return related.order_by(F("answered_at").asc(nulls_first=True), "asked_at")


@transaction.atomic
def answer(call: HelpRequest, text: str, *, by: User) -> None:
    """Answer and mail it. The same answer sent twice is one mail."""
    row = Member.objects.select_for_update(of=("self",)).get(pk=call.member_id)
    call.refresh_from_db()
    if call.solved_at or call.answer == text:
        return
    call.answer, call.answered_at, call.answered_by = text, timezone.now(), by
    call.save(update_fields=["answer", "answered_at", "answered_by"])
    notices.post(
        kind=KIND,
        key=f"{KIND}:{call.pk}:{call.answered_at:%Y%m%d%H%M%S%f}",
        to=row.email,
        about=f"member:{row.pk}",
    )
    _settle(row)
    audit.record("help.answered", subject=f"member:{row.pk}", actor=by, detail={"step": call.step})


def render(notice: Notice) -> Letter:
    """Raises: notices.Obsolete when it is solved, or the member has left."""
    call = calls().filter(pk=notice.key.split(":")[1]).exclude(answered_at=None).first()
    if call is None:
        raise notices.Obsolete("Solved meanwhile, asked anew, or the member has left.")
    context = {
        "member": call.member,
        "founder": str(call.answered_by or "Your founder"),
        "answer": call.answer,
        "step": Step(call.step).label,
        "company": Workspace.load().company_name,
        "link": settings.BASE_URL + reverse("onboarding:checklist"),
    }
    return Letter(
        subject=f"{context['founder']} answered: {context['step']}",
        text=render_to_string("onboarding/email/help_answer.txt", context),
        html=render_to_string("onboarding/email/help_answer.html", context),
    )
