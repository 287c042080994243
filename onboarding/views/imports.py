"""Importing a list: paste or upload, see what would become of each row, confirm, watch."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onboarding.forms import ImportForm
from onboarding.importing import csv_reading, import_pages, imports
from onboarding.importing.import_pages import Summary
from onboarding.models import ImportBatch, Plan
from portal import jobs
from portal.access import founder_required, recently_confirmed, recently_confirmed_to_read, user_of
from portal.exports import csv_response
from portal.models import Workspace

PAGE = 50
RECENT = 10
MOST_BODY = csv_reading.MOST_BYTES + 64 * 1024
"""The list, and what a browser sends around it."""

TOO_BIG = "That is more than 10 MB. Split the list and import it in parts."


# Checking the token reads the body, so its size is looked at before; `_take` checks the token.
@csrf_exempt
@founder_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponseBase:
    if request.method != "POST":
        return _form_page(request, ImportForm(plans=list(Plan.objects.all())))
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MOST_BODY:
        return _too_big(request)
    try:
        return _take(request)
    except RequestDataTooBig:
        return _too_big(request)


def _too_big(request: HttpRequest) -> HttpResponseBase:
    form = ImportForm({"text": " "}, plans=list(Plan.objects.all()))
    form.add_error(None, TOO_BIG)
    return _form_page(request, form, status=413)


@csrf_protect
def _take(request: HttpRequest) -> HttpResponseBase:
    plans = list(Plan.objects.all())
    form = ImportForm(request.POST, request.FILES, plans=plans)
    batch = _draft(request, form, plans) if form.is_valid() else None
    if batch is None:
        return _form_page(request, form)
    return redirect("onboarding:import-batch", batch.pk)


def _draft(request: HttpRequest, form: ImportForm, plans: list[Plan]) -> ImportBatch | None:
    """The draft, or None with the form saying why there is none."""
    given = form.cleaned_data
    file, text = given["file"], given["text"]
    if len(text.encode()) > csv_reading.MOST_BYTES or (file and file.size > csv_reading.MOST_BYTES):
        form.add_error(None, TOO_BIG)
        return None
    data, source = (file.read(), file.name) if file else (text, "Pasted list")
    who = {"plan": given["plan"], "plans": plans, "actor": user_of(request)}
    try:
        return imports.draft(data, source=source[:200], **who)
    except csv_reading.Unreadable as error:
        form.add_error("file" if file else "text", str(error))
    return None


def _form_page(request: HttpRequest, form: ImportForm, *, status: int = 200) -> HttpResponseBase:
    context = {"form": form, "recent": import_pages.recent()[:RECENT]}
    return render(request, "onboarding/import.html", context, status=status)


# One batch -------------------------------------------------------------------------------------


def _batch(pk: int) -> ImportBatch:
    """Anybody's: founders work together. Raises: Http404."""
    batches = ImportBatch.objects.select_related("uploaded_by", "confirmed_by")
    return get_object_or_404(batches, pk=pk)


@founder_required
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponseBase:
    context = _context(request, _batch(pk))
    if request.headers.get("HX-Request"):
        return render(request, "onboarding/_import.html", context)
    jobs.sweep_if_overdue()
    return render(request, "onboarding/import_batch.html", context)


def _context(request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
    verdict, query = request.GET.get("verdict", ""), request.GET.copy()
    query.pop("page", None)
    summary = import_pages.summary(batch, list(Plan.objects.all()))
    progress = None if batch.is_draft else import_pages.progress(batch)
    is_checking = import_pages.is_checking(batch, Workspace.load())
    is_in_work = progress is not None and progress.in_work > 0 and not batch.is_paused
    return {
        "batch": batch,
        "summary": summary,
        "progress": progress,
        "is_checking": is_checking,
        "is_unsure": import_pages.is_unsure(batch),
        "is_in_work": is_in_work,
        "updates_itself": is_checking or is_in_work,
        "page": _page(batch, summary, verdict, request.GET.get("page")),
        "verdict": verdict,
        "query": query.urlencode(),
    }


def _page(batch: ImportBatch, summary: Summary, verdict: str, number: str | None) -> Page[Any]:
    """Fifty rows as they are to be shown."""
    paginator: Paginator[Any] = Paginator(import_pages.select(batch, verdict), PAGE)
    paginator.count = summary.count(verdict)  # counted already
    page = paginator.get_page(number)
    page.object_list = import_pages.rows(list(page.object_list))
    return page


@founder_required
@recently_confirmed
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponseBase:
    batch, actor = _batch(pk), user_of(request)
    try:
        begun = imports.confirm(batch, actor=actor)
    except imports.NothingToImport:
        messages.error(request, "There is nobody to add in this list.")
        return redirect("onboarding:import-batch", pk)
    if begun.pk != batch.pk:
        messages.info(request, "This very list was confirmed before. Here it is.")
    return redirect("onboarding:import-batch", begun.pk)


@founder_required
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponseBase:
    imports.pause(_batch(pk), actor=user_of(request))
    return redirect("onboarding:import-batch", pk)


@founder_required
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponseBase:
    imports.resume(_batch(pk), actor=user_of(request))
    return redirect("onboarding:import-batch", pk)


@founder_required
@recently_confirmed_to_read
@require_safe
def result(_request: HttpRequest, pk: int) -> HttpResponseBase:
    batch = _batch(pk)
    return csv_response(
        f"import-{batch.pk}.csv", header=import_pages.RESULT, rows=import_pages.result(batch)
    )
