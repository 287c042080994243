"""I'm stuck: the member pastes an error and gets an answer; a founder answers what is left."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onboarding.models import HelpRequest, Member, Step
from onboarding.models.help import MOST_PASTED
from onboarding.setup.troubleshooting import Diagnosis, diagnose
from onboarding.steps import stuck
from onboarding.views import signed_in
from portal.access import founder_required, user_of

CALLS_A_PAGE = 50


class StuckForm(forms.Form):
    step = forms.ChoiceField(label="Where are you stuck?", choices=Step.choices)
    text = forms.CharField(
        label="What does it say?",
        required=False,
        max_length=5 * MOST_PASTED,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
        help_text="Paste the error message, or say in your own words what happens.",
    )


class AnswerForm(forms.Form):
    answer = forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponseBase:
    """Paste → the answer at once; `still=1` → to the founder; `solved=1` → over."""
    member = signed_in.member(request)
    if request.POST.get("solved"):
        return _solved(request, member)
    form = StuckForm(request.POST or None, initial={"step": request.GET.get("step", "")})
    context: dict[str, Any] = {"member": member, "form": form}
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        found = diagnose(said["text"])
        if request.POST.get("still"):
            _ask_founder(request, member, said, found)
            return redirect("onboarding:checklist")
        context |= {"asked": True, "found": found and found.failure, "step": Step(said["step"])}
    return render(request, "onboarding/help.html", context)


def _ask_founder(
    request: HttpRequest, member: Member, said: dict[str, str], found: Diagnosis | None
) -> None:
    diagnosis = found.failure.title if found else ""
    step = Step(said["step"])
    stuck.ask(member, step, text=said["text"], diagnosis=diagnosis, by=user_of(request))
    messages.success(request, "Your founder sees it now. The answer comes by mail.")


def _solved(request: HttpRequest, member: Member) -> HttpResponseBase:
    step = request.POST.get("step", "").replace("\0", "")
    for call in stuck.open_calls(member).filter(step=step):
        stuck.solve(call, by=user_of(request))
        messages.success(request, "Good. That is closed.")
    return redirect("onboarding:checklist")


# The founder -----------------------------------------------------------------------------------


@founder_required
@require_safe
def calls(request: HttpRequest) -> HttpResponseBase:
    page = Paginator(stuck.calls(), CALLS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "onboarding/help_requests.html", {"page": page})


@founder_required
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Answer by mail, or with `solved=1` close it; `back=member` came from the member's page."""
    call = get_object_or_404(stuck.calls(), pk=pk)
    if request.POST.get("solved"):
        stuck.solve(call, by=user_of(request))
        messages.success(request, f"Closed: {call.member.full_name}.")
        return _back(request, call)
    form = AnswerForm(request.POST)
    if form.is_valid():
        stuck.answer(call, form.cleaned_data["answer"], by=user_of(request))
        messages.success(request, f"Mailed to {call.member.full_name}.")
    else:
        messages.error(request, "Write an answer first; at most 4,000 characters.")
    return _back(request, call)


def _back(request: HttpRequest, call: HelpRequest) -> HttpResponseBase:
    if request.POST.get("back") == "member":
        return redirect("onboarding:member", call.member_id)
    return redirect("onboarding:help-requests")
