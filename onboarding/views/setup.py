"""Set-up: the guide, connecting AWS, preflight, errors explained, the policy."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onboarding.models import Plan, SetupRun, SetupTick, UnknownError
from onboarding.setup import guide, policy, runs, ticks, unknowns
from onboarding.setup.forms import ConnectForm, ErrorForm, LookForm, TickForm
from onboarding.setup.troubleshooting import diagnose
from onboarding.setup.verdicts import Verdict
from portal import jobs
from portal.access import founder_required, recently_confirmed, user_of
from portal.models import Workspace

Kind = SetupRun.Kind


# The guide -------------------------------------------------------------------------------------


@founder_required
@require_safe
def show(request: HttpRequest) -> HttpResponseBase:
    read = guide.read()
    latest = runs.latest(Kind.PREFLIGHT)
    found, run = runs.findings()
    context = {
        "guide": read,
        "done": sum(step.verdict == Verdict.DONE for step in read.steps[1:]),
        "findings": found,
        "checked_at": run.finished_at if run else None,
        "is_under_way": latest is not None and latest.is_under_way,
        "failed": latest if latest is not None and latest.is_failed else None,
    }
    return _page(request, "onboarding/setup.html", "onboarding/_setup.html", context)


def _page(
    request: HttpRequest, page: str, fragment: str, context: dict[str, Any]
) -> HttpResponseBase:
    if request.headers.get("HX-Request"):
        return render(request, fragment, context)
    jobs.sweep_if_overdue()
    return render(request, page, context)


@founder_required
@require_POST
def preflight(request: HttpRequest) -> HttpResponseBase:
    runs.ask(Kind.PREFLIGHT, by=user_of(request))
    messages.success(request, "The preflight is under way; its answers appear here.")
    return redirect("onboarding:setup")


@founder_required
@require_POST
def confirm(request: HttpRequest) -> HttpResponseBase:
    """A founder's word for what no API tells, with `done=1`; taken back with `done=0`."""
    form = TickForm(request.POST)
    if form.is_valid():
        fact = SetupTick.Fact(form.cleaned_data["fact"])
        act = ticks.tick if form.cleaned_data["done"] == "1" else ticks.untick
        act(fact, actor=user_of(request))
    else:
        messages.error(request, "There is nothing of that name to confirm.")
    return redirect("onboarding:setup")


# Connect ---------------------------------------------------------------------------------------


@founder_required
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponseBase:
    """POST never asks AWS either: it leaves a row for a worker."""
    look, made = runs.latest(Kind.LOOK), runs.latest(Kind.CONNECT)
    seen = runs.latest_done(Kind.LOOK)
    is_connect = request.POST.get("action") == "connect" or "instance" in request.POST
    look_form = LookForm(request.POST if request.method == "POST" and not is_connect else None)
    form = _connect_form(request if is_connect else None, seen, made)
    if look_form.is_bound and look_form.is_valid():
        runs.ask(Kind.LOOK, by=user_of(request), regions=look_form.cleaned_data["regions"])
        return redirect("onboarding:setup-aws")
    if form is not None and form.is_bound and form.is_valid():
        runs.ask(Kind.CONNECT, by=user_of(request), **form.asked)
        return redirect("onboarding:setup-aws")
    context: dict[str, Any] = {
        "look": look,
        "seen": seen,
        "made": made,
        "form": form,
        "look_form": look_form,
    }
    context["is_under_way"] = any(run is not None and run.is_under_way for run in (look, made))
    context["seen_at"] = seen.finished_at if seen else None
    return _page(request, "onboarding/setup_aws.html", "onboarding/_setup_aws.html", context)


def _connect_form(
    request: HttpRequest | None, seen: SetupRun | None, made: SetupRun | None
) -> ConnectForm | None:
    """Nothing to pick from before a look at AWS. What did not come about stays as typed."""
    if seen is None or not any(each["instances"] for each in seen.found.get("regions", [])):
        return None
    data = request.POST if request else None
    plans, workspace = list(Plan.objects.all()), Workspace.load()
    typed = made.asked if made and made.outcome != SetupRun.Outcome.DONE else None
    return ConnectForm(
        data,
        seen=seen.found,
        plans=plans,
        workspace=workspace,
        typed=typed,
        made=_made_since(seen, made),
    )


def _made_since(seen: SetupRun, made: SetupRun | None) -> list[str]:
    if made is None or made.outcome != SetupRun.Outcome.DONE or made.pk < seen.pk:
        return []
    return [group["name"] for group in made.found["groups"]]


@founder_required
@require_safe
def policy_json(_request: HttpRequest) -> HttpResponseBase:
    return JsonResponse(policy.document(Workspace.load()), json_dumps_params={"indent": 2})


# Troubleshoot ----------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def troubleshoot(request: HttpRequest) -> HttpResponseBase:
    """The text is looked at and forgotten, unless nobody knows it and its owner consents."""
    user = user_of(request)
    form = ErrorForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "is_asked": form.is_bound and form.is_valid()}
    if context["is_asked"]:
        text = form.cleaned_data["text"]
        context["diagnosis"] = diagnose(text)
        if form.cleaned_data["consent"] and context["diagnosis"] is None:
            unknowns.keep(text, by=user)
            messages.success(request, "Sent. A founder will look at it.")
            return redirect("onboarding:setup-troubleshoot")
    context["unknowns"] = unknowns.waiting() if user.is_founder else None
    context["frame"] = "base.html" if user.is_founder else "base_member.html"
    return render(request, "onboarding/setup_troubleshoot.html", context)


@founder_required
@require_POST
def settle_unknown(request: HttpRequest, pk: int) -> HttpResponseBase:
    unknowns.settle(get_object_or_404(UnknownError, pk=pk), by=user_of(request))
    messages.success(request, "Settled.")
    return redirect("onboarding:setup-troubleshoot")
