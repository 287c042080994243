"""The member's page: the steps, ticking and undoing them, checking the plan."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from onboarding.forms import VerifyPlanForm
from onboarding.models import Member, Step
from onboarding.models.member import SEAT_TAKES
from onboarding.steps import checklist, step_notes, stuck
from onboarding.steps.step_views import Progress, StepView, steps_of
from onboarding.steps.verification import Shown, Verdict
from onboarding.views import signed_in
from portal import panels
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
        "Right organization, but not the plan you were given.",
        "Your founder has been told. There is nothing you need to do.",
    ),
    Verdict.NOT_YET: VerdictText(
        "info",
        "Right organization; your plan has not arrived yet.",
        "That can take up to 24 hours. Check again later.",
    ),
    Verdict.CANNOT_TELL: VerdictText(
        "info",
        "Noted. The account itself could not be checked.",
        "To have it checked, undo this step and paste the account line that Kiro shows.",
    ),
}


@login_required
@require_safe
def show(request: HttpRequest) -> HttpResponseBase:
    member = signed_in.member(request)
    context = _context(member, refused=request.GET.get("refused", ""))
    own = {"panels": panels.of(panels.OWN_PAGE, member)}
    return render(request, "onboarding/checklist.html", {**context, **own})


def _context(member: Member, *, answered: str = "", refused: str = "") -> dict[str, Any]:
    """`answered`: the step that a script sent just now, which says in its place what came of it.

    `refused`: the step that was ticked before its turn, which says so too.
    """
    steps = steps_of(
        member, member.steps.all(), notes=step_notes.texts(), calls=stuck.open_calls(member)
    )
    progress = Progress(sum(step.is_done for step in steps))
    return {
        "member": member,
        "steps": steps,
        "current": next((step for step in steps if step.is_current), None),
        "progress": progress,
        "is_complete": progress.done == progress.total,
        "finished_at": _finished_at(steps),
        "verdict": _verdict_of(member),
        "verify_form": VerifyPlanForm(),
        "answered": answered,
        "refused": refused,
        "still_pays": member.individual_plan == Member.IndividualPlan.STILL_PAID,
    }


def _finished_at(steps: list[StepView]) -> date | None:
    days = [step.told_at or step.seen_at for step in steps]
    return max(day for day in days if day) if all(days) else None


def _verdict_of(member: Member) -> VerdictText | None:
    if not member.verdict:
        return None
    said = _VERDICTS[Verdict(member.verdict)]
    if member.verdict != Verdict.NOT_YET or member.seat_requested_at is None:
        return said
    stuck_at = member.seat_requested_at + SEAT_TAKES
    hour = f"{stuck_at.day} {stuck_at:%b, %H:%M} UTC"
    if stuck_at > timezone.now():
        wait = f"If it is not there by {hour}, it counts as stuck and your founder is told."
        return replace(said, what_now=f"{said.what_now} {wait}")
    late = f"It should have been there by {hour}. Your founder has been told."
    return replace(said, tone="warn", what_now=late)


@login_required
@require_POST
def tick_step(request: HttpRequest, slug: str) -> HttpResponseBase:
    member = signed_in.member(request)
    if slug not in Step.values:
        raise Http404
    is_refused = not _change(request, member, Step(slug))
    if not request.headers.get("HX-Request"):
        place = f"?refused={slug}#step-{slug}" if is_refused else ""
        return redirect(reverse("onboarding:checklist") + place)
    refused = slug if is_refused else ""
    context = _context(signed_in.member(request), answered=slug, refused=refused)
    return render(request, "onboarding/_checklist.html", context)


_SHOWN = {"plan", "credits", "account_id"}
"""The fields that say what Kiro shows; a script that sends none of them only tells."""


def _change(request: HttpRequest, member: Member, step: Step) -> bool:
    """Whether it was this step's turn."""
    try:
        if request.POST.get("done") == "0":
            checklist.undo(member, step, by=user_of(request))
        elif step == Step.VERIFY_PLAN and _SHOWN & set(request.POST):
            _verify(request, member)
        else:
            _tick(request, member, step)
    except checklist.NotYet:
        return False
    except checklist.PlainlyWrong:
        messages.warning(request, "The last check found a different account. Please check again.")
    except checklist.HasLeft as error:
        raise Http404 from error
    return True


def _tick(request: HttpRequest, member: Member, step: Step) -> None:
    answer, until = request.POST.get("answer", ""), None
    if answer == Member.IndividualPlan.RUNS_OUT and (said := request.POST.get("until", "")):
        until = _day(said)
        if until is None:
            messages.warning(
                request, "That is not a date. Choose the plan's last day, or leave it empty."
            )
            return
    checklist.tick(member, step, by=user_of(request), answer=answer, until=until)


def _day(text: str) -> date | None:
    """A day as browsers send it, within a year of today."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if abs(day - timezone.now().date()) <= timedelta(days=366) else None


def _verify(request: HttpRequest, member: Member) -> None:
    """Check what the member sees in Kiro. (A script that sends no fields at all only tells.)"""
    form = VerifyPlanForm(request.POST)
    if not form.is_valid() or not any(form.cleaned_data.values()):
        messages.warning(request, "Type or paste what Kiro shows, so that it can be checked.")
        return
    said = form.cleaned_data
    shown = Shown(plan=said["plan"], credits=said["credits"], account=said["account_id"])
    checklist.verify(member, shown, by=user_of(request))
