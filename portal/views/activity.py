"""The audit log's page and its export."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.access import founder_required, recently_confirmed_to_read
from portal.exports import csv_response
from portal.models import AuditEvent
from portal.pages import activity, activity_page

_EVENTS_A_PAGE = 100


@founder_required
@require_safe
def show_activity(request: HttpRequest) -> HttpResponseBase:
    form = activity.FilterForm(request.GET)
    query = request.GET.copy()
    query.pop("page", None)
    page = Paginator(_found(form), _EVENTS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": activity_page.lines(page.object_list),
        "form": form,
        "query": query.urlencode(),
    }
    return render(request, "portal/activity.html", context)


@founder_required
@recently_confirmed_to_read
@require_safe
def export_activity(request: HttpRequest) -> HttpResponseBase:
    rows = activity.export(_found(activity.FilterForm(request.GET)))
    return csv_response("activity.csv", header=activity.EXPORT, rows=rows)


def _found(form: activity.FilterForm) -> QuerySet[AuditEvent]:
    """By what the form could read; the page says what it could not."""
    form.is_valid()
    return activity.select(**form.cleaned_data)
