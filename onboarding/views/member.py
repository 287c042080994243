"""One member: how they stand, what happened, and what a founder can do about it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from onboarding.forms import OffboardForm, RenameForm
from onboarding.models import Member, Plan
from onboarding.steps import stuck
from onboarding.team import board, history, holding, members, offboarding, plans, ways_out
from portal import panels
from portal.access import founder_required, recently_confirmed, user_of


def _member(pk: int) -> Member:
    """Anybody who is or was on the team. Raises: Http404."""
    members = Member.objects.select_related("plan").prefetch_related("steps")
    return get_object_or_404(members, pk=pk)


@founder_required
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """`plan`: chosen already in the form, with what a change to it would mean."""
    member = _member(pk)
    asked = plans.named(request.GET.get("plan", ""))
    change = members.PlanChange(member.plan, asked) if asked and asked != member.plan else None
    return render(request, "onboarding/member.html", _context(member, change=change))


def _context(member: Member, **forms: Any) -> dict[str, Any]:
    names = {"given_name": member.given_name, "family_name": member.family_name}
    offered = list(Plan.objects.all())
    return {
        "member": member,
        "row": board.rows([member])[0],
        "way_out": ways_out.of(member),
        "history": history.of(member, offered),
        "calls": stuck.calls().filter(member=member),
        "plans": offered,
        "preview": offboarding.preview(member, on=timezone.now().date()),
        "rename_form": RenameForm(initial=names),
        "offboard_form": OffboardForm(),
        "is_leaving": member.status == Member.Status.LEAVING,
        "can_stay": offboarding.can_cancel(member),
        "panels": panels.of(panels.FOUNDERS_PAGE, member),
        "change": None,
        **forms,
    }


@founder_required
@require_POST
def plan(request: HttpRequest, pk: int) -> HttpResponseBase:
    member = _member(pk)
    new = plans.named(request.POST.get("plan", ""))
    if new is None:
        messages.error(request, "There is no such plan. Choose one of the list.")
    elif new == member.plan:
        messages.info(request, f"{member.full_name} is on {new.name} already.")
    else:
        _change_plan(request, member, new)
    return redirect("onboarding:member", pk)


def _change_plan(request: HttpRequest, member: Member, new: Plan) -> None:
    try:
        change = members.change_plan(member, new, actor=user_of(request))
    except holding.HasLeft as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{change}.")


@founder_required
@require_POST
def rename(request: HttpRequest, pk: int) -> HttpResponseBase:
    member, form = _member(pk), RenameForm(request.POST)
    if not form.is_valid():
        return render(request, "onboarding/member.html", _context(member, rename_form=form))
    try:
        members.rename(member, **form.cleaned_data, actor=user_of(request))
    except holding.HasLeft as error:
        messages.error(request, str(error))
    return redirect("onboarding:member", pk)


@founder_required
@recently_confirmed
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Offboard, or with `cancel=1` stay after all."""
    member, form = _member(pk), OffboardForm(request.POST)
    if request.POST.get("cancel") == "1":
        _cancel(request, member)
    elif not form.is_valid() or not _offboard(request, member, form):
        return render(request, "onboarding/member.html", _context(member, offboard_form=form))
    return redirect("onboarding:member", pk)


def _cancel(request: HttpRequest, member: Member) -> None:
    try:
        offboarding.cancel(member, actor=user_of(request))
    except offboarding.CannotOffboard as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{member.full_name} stays.")


def _offboard(request: HttpRequest, member: Member, form: OffboardForm) -> bool:
    try:
        offboarding.offboard(member, actor=user_of(request), **form.cleaned_data)
    except offboarding.CannotOffboard as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, f"{member.full_name} is leaving the team.")
    return True
