"""The founder's board: look, search, add one, set up again, invite again."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onboarding.drift import directory_checks
from onboarding.forms import AddMemberForm, FilterForm
from onboarding.models import Member, Plan
from onboarding.team import board, invitations, members
from portal import jobs
from portal.access import founder_required, user_of
from portal.exports import csv_response

PAGE = 50


@founder_required
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest) -> HttpResponseBase:
    plans = list(Plan.objects.all())
    form = AddMemberForm(request.POST if request.method == "POST" else None, plans=plans)
    if form.is_valid() and _add(request, form):
        return redirect("onboarding:team")
    context = _board(request.GET) | {
        "form": form,
        "plans": [(plan.code, plan.name) for plan in plans],
    }
    if request.headers.get("HX-Request") and request.method != "POST":
        return render(request, "onboarding/_board.html", context)
    jobs.sweep_if_overdue()
    return render(request, "onboarding/team.html", context)


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
    filters = board.Filters(**FilterForm(asked).chosen)
    totals = board.totals()
    page = _page(filters, asked.get("page"), totals["people"])
    query = asked.copy()
    query.pop("page", None)
    return {
        "page": page,
        "filters": filters,
        "query": query.urlencode(),
        "statuses": board.STATUSES,
        "is_in_work": any(row.is_in_work for row in page),
        "checked_at": directory_checks.checked_at(),
        "nav_trouble": totals["in_trouble"],
        **totals,
    }


def _page(filters: board.Filters, number: str | None, people: int) -> Page[Any]:
    """Fifty members, as rows."""
    paginator: Paginator[Any] = Paginator(board.select(filters).prefetch_related("steps"), PAGE)
    if not filters.is_any:
        paginator.count = people  # counted already
    page = paginator.get_page(number)
    page.object_list = board.rows(list(page.object_list))
    return page


@founder_required
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    filters = board.Filters(**FilterForm(request.GET).chosen)
    return csv_response("team.csv", header=board.EXPORT, rows=board.export(filters))


@founder_required
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponseBase:
    member = get_object_or_404(Member.objects.on_team(), pk=pk)
    members.retry(member, actor=user_of(request))
    messages.success(request, f"Trying {member.full_name} again.")
    return back_to_board(request)


@founder_required
@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponseBase:
    invited = Member.objects.on_team().filter(invited_at__isnull=False)
    member = get_object_or_404(invited, pk=pk)
    invitations.resend(member, actor=user_of(request))
    messages.success(request, f"A new invitation is on its way to {member.email}.")
    return back_to_board(request)


def back_to_board(request: HttpRequest) -> HttpResponseBase:
    """The same list as before the click, which the row's form names in `query`."""
    asked = QueryDict(request.POST.get("query", ""))
    if request.headers.get("HX-Request"):
        return render(request, "onboarding/_board.html", _board(asked))
    return redirect(f"{reverse('onboarding:team')}?{asked.urlencode()}")
