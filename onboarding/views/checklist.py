"""The member's page: the steps, ticking and undoing them, checking the plan."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from onboarding import checklist
from onboarding.forms import VerifyPlanForm
from onboarding.models import Member, Step
from onboarding.verification import Shown, Verdict
from portal.access import user_of


@dataclass(frozen=True, slots=True)
class VerdictText:
    """What the check of the plan says to the member."""

    tone: str
    text: str
    what_now: str


_VERDICTS = {
    Verdict.RIGHT: VerdictText("good", "This is the right account and plan.", ""),
    Verdict.PERSONAL: VerdictText(
        "bad",
        "This is a personal account, not the organization's.",
        "Sign out of Kiro everywhere, then sign in again with organizational identity.",
    ),
    Verdict.WRONG_PLAN: VerdictText(
        "warn",
        "Right organization, but another plan than the one you were given.",
        "Your founder has been told; there is nothing for you to do.",
    ),
    Verdict.NOT_YET: VerdictText(
        "info",
        "Right organization; your plan has not arrived yet.",
        "That can take up to 24 hours. Look again later.",
    ),
    Verdict.CANNOT_TELL: VerdictText(
        "info",
        "Noted as you said it; the account could not be checked.",
        "Undo, and paste the account line that Kiro shows, to have it checked.",
    ),
}


def _member_of(request: HttpRequest) -> Member:
    """The signed-in person's own row, never one named by the request. Raises: Http404."""
    members = Member.objects.on_team().select_related("plan")
    member = members.filter(user=user_of(request)).first()
    if member is None:
        raise Http404
    return member


@login_required
@require_safe
def show(request: HttpRequest) -> HttpResponseBase:
    return render(request, "onboarding/checklist.html", _context(_member_of(request)))


def _context(member: Member) -> dict[str, Any]:
    steps = checklist.steps_of(member, member.steps.all())
    progress = checklist.Progress(sum(step.is_done for step in steps))
    return {
        "member": member,
        "steps": steps,
        "progress": progress,
        "is_complete": progress.done == progress.total,
        "verdict": _VERDICTS[Verdict(member.verdict)] if member.verdict else None,
        "verify_form": VerifyPlanForm(),
    }


@login_required
@require_POST
def tick_step(request: HttpRequest, slug: str) -> HttpResponseBase:
    member = _member_of(request)
    if slug not in Step.values:
        raise Http404
    _change(request, member, Step(slug))
    if not request.headers.get("HX-Request"):
        return redirect("onboarding:checklist")
    return render(request, "onboarding/_checklist.html", _context(_member_of(request)))


def _change(request: HttpRequest, member: Member, step: Step) -> None:
    try:
        if request.POST.get("done") == "0":
            checklist.undo(member, step, by=user_of(request))
        elif step == Step.VERIFY_PLAN and "plan" in request.POST:
            _verify(request, member)
        else:
            checklist.tick(member, step, by=user_of(request), answer=request.POST.get("answer", ""))
    except checklist.NotYet as first:
        messages.warning(request, f"First comes: {first.step.label}.")
    except checklist.HasLeft as error:
        raise Http404 from error


def _verify(request: HttpRequest, member: Member) -> None:
    """Check what the member sees in Kiro. (A script that sends no fields at all only tells.)"""
    form = VerifyPlanForm(request.POST)
    if not form.is_valid() or not any(form.cleaned_data.values()):
        messages.warning(request, "Type or paste what Kiro shows; then it can be checked.")
        return
    said = form.cleaned_data
    shown = Shown(plan=said["plan"], credits=said["credits"], account=said["account_id"])
    checklist.verify(member, shown, by=user_of(request))
