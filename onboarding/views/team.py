"""The founder's board: look, search, add one, set up again, invite again."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onboarding.forms import AddMemberForm
from onboarding.models import Member, Plan
from onboarding.team import board, board_frame, board_lines, holding, invitations, members
from portal import fragment_cache, jobs
from portal.access import founder_required, recently_confirmed_to_read, user_of
from portal.exports import csv_response
from portal.watch import vital_signs

PAGE = 50


@founder_required
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest) -> HttpResponseBase:
    form = None
    if request.method == "POST":
        form = AddMemberForm(request.POST, plans=list(Plan.objects.all()))
        if form.is_valid() and _add(request, form):
            return redirect("onboarding:team")
    elif request.headers.get("HX-Request"):
        return render(request, "onboarding/_board.html", _board(request.GET))
    jobs.sweep_if_overdue()
    context = _board(request.GET)
    around = _around(context["filters"], context["plans"], form)
    return render(request, "onboarding/team.html", {**context, **around})


def _around(
    filters: board.Filters, plans: list[Plan], form: AddMemberForm | None
) -> dict[str, Any]:
    """What only the whole page has. The same for the same plans and the same choice, so it is
    made once; all but a form in which something was typed and refused.
    """
    offered = tuple((plan.code, plan.name, plan.is_default) for plan in plans)
    chosen = (filters.status, filters.step, filters.plan, filters.sort)
    choices = fragment_cache.html(
        "onboarding/_filter_choices.html",
        (offered, chosen),
        lambda: {"filters": filters, "plans": plans, "statuses": board.STATUSES},
    )
    return {"form": form, "add_fields": _add_fields(plans, offered, form), "choices": choices}


def _add_fields(plans: list[Plan], offered: object, form: AddMemberForm | None) -> SafeString:
    template = "onboarding/_add_fields.html"
    if form is not None:
        return render_to_string(template, {"form": form})
    return fragment_cache.html(template, (offered,), lambda: {"form": AddMemberForm(plans=plans)})


def _add(request: HttpRequest, form: AddMemberForm) -> bool:
    try:
        member = members.add(**form.cleaned_data, actor=user_of(request))
    except members.AlreadyOnTeam:
        there = Member.objects.on_team().filter(email=form.cleaned_data["email"]).first()
        form.add_error("email", f"{there or 'Somebody'} with this e-mail is on the team already.")
        return False
    messages.success(request, f"{member.full_name} is being set up.")
    return True


def _board(asked: QueryDict) -> dict[str, Any]:
    """The board as asked for by the query of its page."""
    filters = board.Filters.of(asked)
    frame, now = board_frame.load(filters), timezone.now()
    page = Paginator(range(frame.matching), PAGE).get_page(asked.get("page"))
    span: Any = page.object_list  # which of them, as a range
    rows = board_lines.drawn(board_lines.found(filters, span), frame.plans, now=now)
    query = asked.copy()
    query.pop("page", None)
    return {
        "page": page,
        "rows": mark_safe("".join(row.html for row in rows)),  # noqa: S308  # all from templates
        "filters": filters,
        "query": query.urlencode(),
        "is_in_work": any(row.is_in_work for row in rows),
        "plans": frame.plans,
        "people": frame.people,
        "in_trouble": frame.in_trouble,
        "checked_at": frame.checked_at,
        # The frame around the page would ask for these again.
        "nav_trouble": frame.in_trouble,
        "workspace": frame.company,
        "troubles": vital_signs.troubles(frame.company),
    }


@founder_required
@recently_confirmed_to_read
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    filters = board.Filters.of(request.GET)
    return csv_response("team.csv", header=board.EXPORT, rows=board.export(filters))


@founder_required
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponseBase:
    member = get_object_or_404(Member.objects.on_team(), pk=pk)
    try:
        members.retry(member, actor=user_of(request))
    except holding.HasLeft as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Trying {member.full_name} again.")
    return back_to_board(request)


@founder_required
@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponseBase:
    invited = Member.objects.on_team().filter(invited_at__isnull=False)
    member = get_object_or_404(invited, pk=pk)
    try:
        invitations.resend(member, actor=user_of(request))
    except holding.HasLeft as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"A new invitation is on its way to {member.email}.")
    return back_to_board(request)


def back_to_board(request: HttpRequest) -> HttpResponseBase:
    """The same list as before the click, which the row's form names in `query`."""
    asked = QueryDict(request.POST.get("query", ""))
    if request.headers.get("HX-Request"):
        return render(request, "onboarding/_board.html", _board(asked))
    return redirect(f"{reverse('onboarding:team')}?{asked.urlencode()}")
