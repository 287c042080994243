"""The frame's pages: overview, ways in, health, errors. The roof: may know both apps."""

from typing import Any

from allauth.account.utils import perform_login
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onboarding.models import Member
from portal import accounts, activity, health, overview_page, status_page
from portal.access import founder_required, is_sandbox_visitor, user_of
from portal.exports import csv_response
from portal.models import User


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponseBase:
    """The founder's first page; members have their checklist instead."""
    if not user_of(request).is_founder:
        return redirect("onboarding:checklist")
    return render(request, "portal/overview.html", overview_page.context())


@require_safe
def healthz(_request: HttpRequest) -> HttpResponseBase:
    """For machines: 503 only when pages cannot work; the rest is in the JSON."""
    found = health.check()
    answer = {"status": found.status, "checks": found.checks}
    return JsonResponse(answer, status=503 if found.status == health.DOWN else 200)


@founder_required
@require_safe
def status(request: HttpRequest) -> HttpResponseBase:
    return render(request, "portal/status.html", status_page.context(now=timezone.now()))


# Ways in ---------------------------------------------------------------------------------------


@require_POST
def sandbox_sign_in(request: HttpRequest) -> HttpResponseBase:
    """One click into the sample company; not there outside the sandbox and this machine."""
    if not is_sandbox_visitor(request):
        raise Http404
    user = _sample_user(request.POST.get("role", ""))
    if user is None:
        raise Http404
    signed_in: HttpResponseBase = perform_login(request, user, redirect_url="/")
    return signed_in


def _sample_user(role: str) -> User | None:
    active = User.objects.filter(is_active=True)
    if role == User.Role.FOUNDER:
        return active.filter(role=role).order_by("pk").first()
    if role != User.Role.MEMBER:
        return None
    members = active.filter(role=role, member__status=Member.Status.INVITED)
    return members.order_by("member__trouble", "-member__steps_done", "pk").first()


@require_http_methods(["GET", "HEAD", "POST"])
def one_time_link(request: HttpRequest, pk: str, token: str) -> HttpResponseBase:
    """From `manage.py founder`: the click signs in, the mere GET does not."""
    user = accounts.user_of_link(pk, token)
    if user and request.method == "POST":
        signed_in: HttpResponseBase = perform_login(request, user, redirect_url=reverse("overview"))
        return signed_in
    context: dict[str, Any] = {"state": "open" if user else "dead", "user": user}
    return render(request, "portal/one_time_link.html", context)


# Activity --------------------------------------------------------------------------------------

_EVENTS_A_PAGE = 100


@founder_required
@require_safe
def show_activity(request: HttpRequest) -> HttpResponseBase:
    query = request.GET.copy()
    query.pop("page", None)
    page = Paginator(activity.select(**_asked(request)), _EVENTS_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {"page": page, "asked": _asked(request), "query": query.urlencode()}
    return render(request, "portal/activity.html", context)


@founder_required
@require_safe
def export_activity(request: HttpRequest) -> HttpResponseBase:
    rows = activity.export(activity.select(**_asked(request)))
    return csv_response("activity.csv", header=activity.EXPORT, rows=rows)


def _asked(request: HttpRequest) -> dict[str, str]:
    names = ("actor", "action", "subject")
    return {name: request.GET.get(name, "").replace("\0", "")[:100] for name in names}
