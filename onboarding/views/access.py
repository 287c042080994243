"""Who has which account through what: look, read now, make a set, give access, take it away."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from onboarding.models import AccountAssignment, PermissionSet
from onboarding.permission_sets import assignments, page, readings, sets, switch
from onboarding.permission_sets.forms import AssignForm, SetForm
from onboarding.permission_sets.page import SetRow
from onboarding.permission_sets.sets import Refused
from portal import jobs
from portal.access import founder_required, recently_confirmed, user_of
from portal.models import Workspace

PAGE = 50


@founder_required
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponseBase:
    """POST with `action=assign` or `action=create` leaves a row for a worker."""
    workspace = Workspace.load()
    standing, found = page.standing(workspace), page.sets()
    forms = _forms(request, workspace, found)
    if request.method == "POST" and _take(request, forms):
        return redirect("onboarding:access")
    context = {**_context(request, found), **forms, "standing": standing}
    context["is_in_work"] |= standing.is_under_way
    context["are_sets_changing"] |= standing.is_under_way
    context["has_forms"] = not standing.hidden and bool(standing.read_at or found)
    if request.headers.get("HX-Request"):
        return render(request, "onboarding/_access.html", context)
    jobs.sweep_if_overdue()
    return render(request, "onboarding/access.html", context)


def _forms(request: HttpRequest, workspace: Workspace, found: list[SetRow]) -> dict[str, Any]:
    """The two forms; the one that was sent is bound."""
    action = request.POST.get("action", "")
    accounts, people = page.accounts(workspace, found), page.people()
    assign = AssignForm(
        request.POST if action == "assign" else None, accounts=accounts, people=bool(people)
    )
    create = SetForm(
        request.POST if action == "create" else None, instance_arn=workspace.instance_arn
    )
    return {"assign": assign, "create": create, "accounts": accounts, "people": people}


def _context(request: HttpRequest, found: list[SetRow]) -> dict[str, Any]:
    paginator: Paginator[Any] = Paginator(page.select(), PAGE)
    current = paginator.get_page(request.GET.get("page"))
    current.object_list = page.rows(current.object_list)
    are_sets_changing = any(row.permission_set.is_in_work for row in found)
    return {
        "page": current,
        "sets": found,
        "may_manage": switch.may_manage(),
        "are_sets_changing": are_sets_changing,
        "is_in_work": are_sets_changing or any(row.assignment.is_in_work for row in current),
    }


def _take(request: HttpRequest, forms: dict[str, Any]) -> bool:
    """Whether the form that was sent could be done."""
    assign, create = forms["assign"], forms["create"]
    try:
        if assign.is_bound and assign.is_valid():
            return _assign(request, assign)
        if create.is_bound and create.is_valid():
            return _create(request, create)
    except Refused as reason:
        (assign if assign.is_bound else create).add_error(None, str(reason))
    return False


def _assign(request: HttpRequest, form: AssignForm) -> bool:
    row = assignments.ask(
        form.cleaned_data["permission_set"],
        account_id=form.cleaned_data["account_id"],
        holder=form.holder,
        actor=user_of(request),
    )
    said = "is being given" if row.is_in_work else "is there already"
    messages.success(request, f"{row.principal_name}: access to {row.account_id} {said}.")
    return True


def _create(request: HttpRequest, form: SetForm) -> bool:
    row = sets.ask(form.wanted, actor=user_of(request))
    said = "is being made" if row.is_in_work else "is there already"
    messages.success(request, f"{row.name} {said}.")
    return True


@founder_required
@require_POST
def read(request: HttpRequest) -> HttpResponseBase:
    readings.ask(now=timezone.now(), by=user_of(request))
    return redirect("onboarding:access")


@founder_required
@recently_confirmed
@require_POST
def act_on_set(request: HttpRequest, pk: int) -> HttpResponseBase:
    """`do=remove` or `do=retry`."""
    row = get_object_or_404(PermissionSet, pk=pk)

    def act() -> str:
        if request.POST.get("do") == "retry":
            sets.again(row, actor=user_of(request))
            return "Tried again in a moment."
        removed = sets.ask_removal(row.pk, actor=user_of(request))
        return f"{removed.name} is being removed." if removed.pk else f"{removed.name} is gone."

    return _done(request, act)


@founder_required
@recently_confirmed
@require_POST
def act_on_assignment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """`do=remove` or `do=retry`."""
    row = get_object_or_404(AccountAssignment, pk=pk)

    def act() -> str:
        if request.POST.get("do") == "retry":
            sets.again(row, actor=user_of(request))
            return "Tried again in a moment."
        removed = assignments.ask_removal(row.pk, actor=user_of(request))
        return f"{removed.principal_name}: access to {removed.account_id} is being removed."

    return _done(request, act)


def _done(request: HttpRequest, act: Callable[[], str]) -> HttpResponseBase:
    try:
        messages.success(request, act())
    except Refused as reason:
        messages.error(request, str(reason))
    return redirect("onboarding:access")
