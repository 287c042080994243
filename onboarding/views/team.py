"""The founder's board: look, search, add one, set up again, invite again."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from onboarding import board, invitations, members
from onboarding.forms import AddMemberForm, FilterForm
from onboarding.models import Member, Plan
from portal import jobs
from portal.access import founder_required

PAGE = 50


@founder_required
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest) -> HttpResponseBase:
    form = AddMemberForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _add(request, form):
        return redirect("onboarding:team")
    is_board_alone = request.headers.get("HX-Request") and request.method != "POST"
    context = _board(request) | {"form": form}
    if not is_board_alone:
        jobs.sweep_if_overdue()
    return render(request, f"onboarding/{'_board' if is_board_alone else 'team'}.html", context)


def _add(request: HttpRequest, form: AddMemberForm) -> bool:
    try:
        member = members.add(**form.cleaned_data, actor=request.user)
    except members.AlreadyOnTeam:
        there = Member.objects.on_team().filter(email=form.cleaned_data["email"]).first()
        form.add_error("email", f"{there or 'Somebody'} with this e-mail is on the team already.")
        return False
    messages.success(request, f"{member.full_name} is being set up.")
    return True


def _board(request: HttpRequest) -> dict[str, Any]:
    filters = board.Filters(**FilterForm(request.GET).chosen)
    page = Paginator(board.select(filters).prefetch_related("steps"), PAGE).get_page(
        request.GET.get("page")
    )
    page.object_list = board.rows(list(page.object_list))
    query = request.GET.copy()
    query.pop("page", None)
    return {
        "page": page,
        "filters": filters,
        "query": query.urlencode(),
        "statuses": board.STATUSES,
        "plans": list(Plan.objects.values_list("code", "name")),
        "is_in_work": any(row.is_in_work for row in page.object_list),
        "checked_at": None,
        **board.totals(),
    }


@founder_required
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponseBase:
    member = get_object_or_404(Member.objects.on_team(), pk=pk)
    members.retry(member, actor=request.user)
    messages.success(request, f"Trying {member.full_name} again.")
    return redirect("onboarding:team")


@founder_required
@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponseBase:
    invited = Member.objects.on_team().filter(invited_at__isnull=False)
    member = get_object_or_404(invited, pk=pk)
    invitations.resend(member, actor=request.user)
    messages.success(request, f"A new invitation is on its way to {member.email}.")
    return redirect("onboarding:team")
