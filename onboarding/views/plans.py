"""Kiro's plans as the portal knows them: prices and credits change, so founders can edit them."""

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from onboarding.forms import PlanForm
from onboarding.models import Plan
from onboarding.team import plans
from portal.access import founder_required, user_of


@founder_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest) -> HttpResponseBase:
    """All plans, a form each; POST `code` and the fields of one."""
    sent = None
    if request.method == "POST":
        plan = plans.named(request.POST.get("code", ""))
        if plan is None:
            raise Http404
        sent = PlanForm(request.POST, instance=plan, prefix=plan.code)
        if sent.is_valid():
            plans.change(sent.instance, actor=user_of(request))
            messages.success(request, f"{sent.instance.name} is saved.")
            return redirect("onboarding:plans")
    return render(request, "onboarding/plans.html", {"forms": _forms(sent)})


def _forms(sent: PlanForm | None) -> list[PlanForm]:
    fresh = [PlanForm(instance=plan, prefix=plan.code) for plan in Plan.objects.all()]
    return [
        sent if sent is not None and sent.instance.pk == form.instance.pk else form
        for form in fresh
    ]
