"""Alerts that somebody has seen, and the budget behind some of them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing.alerts import raising
from billing.forms import BudgetForm
from billing.models import Alert
from billing.spending import budgets
from portal.access import founder_required, user_of
from portal.templatetags.portal import money


@founder_required
@require_POST
def mark_seen(request: HttpRequest, pk: int) -> HttpResponse:
    alert = get_object_or_404(Alert, pk=pk)
    raising.mark_seen(alert, by=user_of(request), now=timezone.now())
    return redirect("overview")


@founder_required
@require_POST
def set_budget(request: HttpRequest) -> HttpResponse:
    form = BudgetForm(request.POST)
    if not form.is_valid():
        messages.error(request, "A budget is an amount like 500, or nothing to have none.")
        return redirect("billing:spend")
    amount, currency = form.cleaned_data["amount"], form.cleaned_data["currency"] or "USD"
    budgets.set_to(amount, currency=currency, by=user_of(request))
    said = "There is no budget now." if amount is None else f"{money(amount, currency)} a month."
    messages.success(request, f"Budget: {said}")
    return redirect("billing:spend")
