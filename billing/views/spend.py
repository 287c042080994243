"""The spend pages: what Kiro costs, as a page, a fragment and a file, and the button."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget
from django_htmx.middleware import HtmxDetails

from billing.forms import PeriodForm
from billing.models import REQUEST_PRICE, CostLine, Refresh
from billing.spending import periods, refreshes
from billing.spending import spend_page as page
from portal import jobs
from portal.access import founder_required, recently_confirmed_to_read
from portal.exports import csv_response
from portal.watch import vital_signs

EXPORTED = ("date", "record_type", "usage_type", "amount", "currency", "estimated")


@founder_required
@require_safe
def spend_page(request: HttpRequest) -> HttpResponse:
    form = PeriodForm(request.GET, today=timezone.now().date())
    asked_by = HtmxDetails(request)
    if not asked_by:
        return render(request, "billing/spend.html", _context(form))
    if asked_by.target != "refresh":
        return render(request, "billing/_spend.html", _context(form))
    return _polled(request, form)


def _polled(request: HttpRequest, form: PeriodForm) -> HttpResponse:
    """The button asks whether its refresh has ended: itself until then, then all the figures."""
    under_way = Refresh.objects.under_way().first()
    if under_way is not None:
        context = {"under_way": under_way, "period": form.chosen}
        return render(request, "billing/_refresh.html", context)
    whole = render(request, "billing/_spend.html", _context(form))
    return reswap(retarget(whole, "#spend"), "outerHTML")


def _context(form: PeriodForm) -> dict[str, Any]:
    now, period = timezone.now(), form.chosen
    around = page.frame(now)
    return {
        "form": form,
        "period": period,
        "period_names": periods.NAMES,
        "freshness": around.freshness,
        "figures": page.drawn(around, period, today=now.date()),
        "under_way": around.freshness.under_way,
        "request_price": REQUEST_PRICE,
        "refreshes": around.refreshes,
        # The frame around the page would ask for these again.
        "nav_trouble": around.in_trouble,
        "workspace": around.company,
        "troubles": vital_signs.troubles(around.company),
    }


@founder_required
@require_POST
def spend_refresh(request: HttpRequest) -> HttpResponse:
    try:
        refresh = refreshes.ask(now=timezone.now(), by=request.user)  # type: ignore[arg-type]  # a founder is no stranger
    except refreshes.NotNow as reason:
        messages.warning(request, str(reason))
    else:
        jobs.enqueue_on_commit(refresh)
    query = request.GET.urlencode()
    return redirect(f"{reverse('billing:spend')}{'?' if query else ''}{query}")


@founder_required
@recently_confirmed_to_read
@require_safe
def spend_export(request: HttpRequest) -> HttpResponseBase:
    form = PeriodForm(request.GET, today=timezone.now().date())
    if not form.is_valid():
        return HttpResponseBadRequest(" ".join(form.sentences), content_type="text/plain")
    period = form.chosen
    lines = CostLine.objects.between(period.start, period.end)
    rows = lines.values_list(*EXPORTED).iterator()
    return csv_response(f"kiro-spend-{period.slug}.csv", header=EXPORTED, rows=rows)
