"""The credits page: grants, runway, what-if; typing grants in; asking AWS for them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from billing.credit import credit_page, outlook, readings, typed_grants
from billing.forms import GrantForm, WhatIfForm
from billing.models import Alert, CreditGrant, CreditReading
from billing.spending import spend
from portal import jobs
from portal.access import founder_required, user_of
from portal.models import Workspace
from portal.templatetags.portal import money

LISTED_ALERTS = 10


@founder_required
@require_http_methods(["GET", "HEAD", "POST"])
def credits_page(request: HttpRequest) -> HttpResponseBase:
    """POST adds a grant."""
    if request.method != "POST":
        return render(request, "billing/credits.html", _context(request, GrantForm()))
    form = GrantForm(request.POST)
    if _is_saved(request, form):
        return redirect("billing:credits")
    return render(request, "billing/credits.html", _context(request, form), status=422)


def _context(request: HttpRequest, form: GrantForm) -> dict[str, Any]:
    now = timezone.now()
    workspace = Workspace.load()
    freshness = spend.freshness(now)
    found = outlook.load(
        service=workspace.cost_service, today=now.date(), refreshed_at=freshness.refreshed_at
    )
    asked = WhatIfForm(request.GET, plans=found.plans)
    return {
        **credit_page.context(found, asked.wanted),
        "asked": asked,
        "form": form,
        "reading": CreditReading.current(),
        "alerts": Alert.objects.all()[:LISTED_ALERTS],
        "freshness": freshness,
        "workspace": workspace,
    }


@founder_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_grant(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What AWS tells is AWS's to change."""
    grant = get_object_or_404(CreditGrant.objects.typed(), pk=pk)
    form = GrantForm(request.POST if request.method == "POST" else None, instance=grant)
    if request.method == "POST" and _is_saved(request, form):
        return redirect("billing:credits")
    status = 422 if form.is_bound else 200
    return render(request, "billing/grant.html", {"form": form, "grant": grant}, status=status)


def _is_saved(request: HttpRequest, form: GrantForm) -> bool:
    if not form.is_valid():
        return False
    grant = form.save(commit=False)
    if "left_amount" in form.changed_data:
        grant.left_on = None if grant.left_amount is None else timezone.now().date()
    if typed_grants.has_twin(grant):
        form.add_error(None, "This grant is listed already.")
        return False
    typed_grants.save(grant, by=user_of(request))
    messages.success(request, f"{money(grant.amount, grant.currency)} noted: {grant.name}.")
    return True


@founder_required
@require_POST
def remove_grant(request: HttpRequest, pk: int) -> HttpResponse:
    grant = get_object_or_404(CreditGrant.objects.typed(), pk=pk)
    typed_grants.remove(grant, by=user_of(request))
    messages.success(request, f"{grant.name} is removed.")
    return redirect("billing:credits")


@founder_required
@require_POST
def read_credits(request: HttpRequest) -> HttpResponse:
    jobs.enqueue_on_commit(readings.ask(by=user_of(request)))
    messages.success(request, "AWS is being asked for the credit grants.")
    return redirect("billing:credits")
