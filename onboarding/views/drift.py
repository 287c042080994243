"""Differences between Identity Center and the team: look, check now, settle one."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from onboarding.drift import directory_checks, drift_actions, drift_page
from onboarding.drift.drift_actions import CannotSettle
from onboarding.models import Drift
from portal import jobs
from portal.access import founder_required, recently_confirmed, user_of

PAGE = 50


@founder_required
@require_safe
def show(request: HttpRequest) -> HttpResponseBase:
    context = _context(request)
    if request.headers.get("HX-Request"):
        return render(request, "onboarding/_drift.html", context)
    jobs.sweep_if_overdue()
    return render(request, "onboarding/drift.html", context)


def _context(request: HttpRequest) -> dict[str, Any]:
    plans = drift_page.plans_by_group()
    paginator: Paginator[Any] = Paginator(drift_page.select(), PAGE)
    page = paginator.get_page(request.GET.get("page"))
    page.object_list = drift_page.rows(page.object_list, plans)
    context = drift_page.context()
    is_in_work = context["is_under_way"] or any(row.is_in_work for row in page)
    return {
        **context,
        "page": page,
        "money": drift_page.money_at_risk(plans),
        "is_in_work": is_in_work,
    }


@founder_required
@require_POST
def check(request: HttpRequest) -> HttpResponseBase:
    directory_checks.ask(
        now=timezone.now(), by=user_of(request), unless_within=directory_checks.DOUBLE_CLICK
    )
    return redirect("onboarding:drift")


@founder_required
@recently_confirmed
@require_POST
def adopt(request: HttpRequest, pk: int) -> HttpResponseBase:
    def act(drift: Drift) -> str:
        member = drift_actions.adopt(drift, actor=user_of(request))
        if drift.kind == Drift.Kind.STRANGER:
            return f"{member.full_name} is on the team now; the invitation is on its way."
        return f"Taken over: {member.full_name}, {member.email}."

    return _settle(request, pk, act)


@founder_required
@require_POST
def ignore(request: HttpRequest, pk: int) -> HttpResponseBase:
    """With a `reason`; or with `undo=1` watch it again."""

    def act(drift: Drift) -> str:
        if request.POST.get("undo") == "1":
            drift_actions.stop_ignoring(drift, actor=user_of(request))
            return "Watched again."
        reason = request.POST.get("reason", "")
        drift_actions.ignore(drift, reason=reason, actor=user_of(request))
        return "Ignored for as long as it stays as it is."

    return _settle(request, pk, act)


@founder_required
@recently_confirmed
@require_POST
def repair(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A stranger's seat is only taken with `confirm=1`."""

    def act(drift: Drift) -> str:
        is_confirmed = request.POST.get("confirm") == "1"
        drift_actions.repair(drift, actor=user_of(request), is_confirmed=is_confirmed)
        return "Asked for. A worker does it at AWS in a moment."

    return _settle(request, pk, act)


def _settle(request: HttpRequest, pk: int, act: Callable[[Drift], str]) -> HttpResponseBase:
    drift = get_object_or_404(Drift, pk=pk)
    try:
        messages.success(request, act(drift))
    except CannotSettle as reason:
        messages.error(request, str(reason))
    return redirect("onboarding:drift")
