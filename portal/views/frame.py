"""The frame's first page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from portal.access import user_of
from portal.pages import overview_page


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponseBase:
    """The founder's first page; members have their checklist instead."""
    if not user_of(request).is_founder:
        return redirect("onboarding:checklist")
    return render(request, "portal/overview.html", overview_page.context())
