"""Who uses what: the list by month, idle seats, plan fit, activation, and the reports behind it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from billing.forms import IdleRulesForm, SeatsForm
from billing.models import ReportFile
from billing.usage import (
    activation,
    fit_page,
    freshness,
    idle,
    nudges,
    seat_export,
    seat_totals,
    seats_page,
)
from onboarding.models import Member
from portal.access import founder_required, recently_confirmed_to_read, user_of
from portal.exports import csv_response
from portal.watch import vital_signs

FILES_A_PAGE, IDLE_LISTED, WAITING_A_PAGE, NOTES_SHOWN = 50, 200, 50, 20


@founder_required
@require_safe
def seats(request: HttpRequest) -> HttpResponseBase:
    today, around = timezone.now().date(), seats_page.frame()
    query = request.GET.copy()
    query.pop("page", None)
    asked = SeatsForm(request.GET, today=today).chosen
    view = seats_page.View(asked, request.GET.get("page"), query.urlencode())
    if request.headers.get("HX-Request"):
        return HttpResponse(seats_page.drawn("billing/_seats.html", around, view, today=today))
    context = {
        "freshness": around.freshness,
        "figures": seats_page.drawn("billing/_seats_figures.html", around, view, today=today),
        # The frame around the page would ask for these again.
        "nav_trouble": around.in_trouble,
        "workspace": around.company,
        "troubles": vital_signs.troubles(around.company),
    }
    return render(request, "billing/seats.html", context)


@founder_required
@recently_confirmed_to_read
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    today = timezone.now().date()
    asked = SeatsForm(request.GET, today=today).chosen
    measure = idle.gauge(freshness.load(), today=today)
    rows = seat_export.rows(asked, measure, seat_totals.plans())
    name = f"kiro-seats-{asked.month:%Y-%m}.csv"
    return csv_response(name, header=seat_export.HEADER, rows=rows)


# Idle ------------------------------------------------------------------------------------------


@founder_required
@require_http_methods(["GET", "HEAD", "POST"])
def idle_seats(request: HttpRequest) -> HttpResponseBase:
    """Who is idle, to be chosen; POST changes from when on."""
    form = IdleRulesForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        idle.set_rules(**form.cleaned_data, by=user_of(request))
        messages.success(request, "Saved.")
        return redirect("billing:idle")
    status = 422 if form.is_bound else 200
    return render(request, "billing/seats_idle.html", _idle_context(form), status=status)


def _idle_context(form: IdleRulesForm) -> dict[str, Any]:
    today, found = timezone.now().date(), freshness.load()
    measure = idle.gauge(found, today=today)
    seats = idle.seats(measure)
    people: list[Any] = list(idle.members(measure)[:IDLE_LISTED])
    asked_at = nudges.asked_at(people)
    rows = [
        {
            "member": member,
            "quiet": measure.quiet_days(member.last_day),
            "asked_at": asked_at.get(member.pk),
        }
        for member in people
    ]
    return {
        "freshness": found,
        "measure": measure,
        "rows": rows,
        "count": sum(each.idle for each in seats),
        "price": seats_page.idle_price(seats),
        "never": sum(row["quiet"] is None for row in rows),
        "form": form if form.is_bound else IdleRulesForm(initial=vars(measure.rules)),
    }


def _chosen(asked: QueryDict) -> list[Member]:
    """The members named by `member` who are idle now."""
    pks = [
        int(pk) for pk in asked.getlist("member")[:IDLE_LISTED] if pk.isdecimal() and len(pk) < 19
    ]
    today = timezone.now().date()
    measure = idle.gauge(freshness.load(), today=today)
    return list(idle.members(measure).filter(pk__in=pks))


@founder_required
@require_http_methods(["GET", "HEAD", "POST"])
def idle_mail(request: HttpRequest) -> HttpResponseBase:
    """The mail as it would go out, and to whom; POST sends it."""
    chosen = _chosen(request.POST if request.method == "POST" else request.GET)
    if request.method == "POST":
        sent = nudges.send(chosen, actor=user_of(request))
        said = "1 mail is on its way." if sent == 1 else f"{sent} mails are on their way."
        messages.success(request, said)
        return redirect("billing:idle")
    rows = nudges.preview(chosen)
    due = [row for row in rows if not row.why_not]
    context = {"rows": rows, "due": due, "letter": nudges.letter(due[0].member) if due else None}
    return render(request, "billing/seats_mail.html", context)


# Plan fit, activation, reports -------------------------------------------------------------------


@founder_required
@require_safe
def plan_fit(request: HttpRequest) -> HttpResponseBase:
    found = freshness.load()
    context = fit_page.context(found, today=timezone.now().date())
    return render(request, "billing/seats_fit.html", {**context, "freshness": found})


@founder_required
@require_safe
def show_activation(request: HttpRequest) -> HttpResponseBase:
    measured = activation.load(now=timezone.now())
    page = Paginator(measured.waiting, WAITING_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "freshness": freshness.load(),
        "measured": measured,
        "page": page,
    }
    return render(request, "billing/seats_activation.html", context)


@founder_required
@require_safe
def report_files(request: HttpRequest) -> HttpResponseBase:
    """What was read, the newest first; `status=refused` alone those that were not."""
    status = request.GET.get("status", "")
    files = ReportFile.objects.order_by("-report_date", "client", "-written_at")
    if status in ReportFile.Status.values:
        files = files.filter(status=status)
    elif status == "bad-cells":
        files = files.filter(bad_rows__gt=0)
    page = Paginator(files.prefetch_related("notes"), FILES_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "freshness": freshness.load(),
        "page": page,
        "status": status,
        "query": f"status={status}" if status else "",
        "statuses": [
            *ReportFile.Status.choices,
            ("bad-cells", "With cells that could not be read"),
        ],
        "notes_shown": NOTES_SHOWN,
    }
    return render(request, "billing/seats_files.html", context)
