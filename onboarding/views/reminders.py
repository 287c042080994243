"""Reminders: a founder pauses them, a member stops them by the link in the mail."""

import zoneinfo
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from onboarding.models import Member, ReminderSettings, ReminderStop
from onboarding.reminding import reminders
from portal.access import founder_required, user_of

MOST_SHOWN = 200


class TimeZoneForm(forms.Form):
    time_zone = forms.CharField(
        label="Time zone",
        max_length=60,
        help_text="As in Europe/Berlin or America/New_York.",
    )

    def clean_time_zone(self) -> str:
        name = str(self.cleaned_data["time_zone"]).strip()
        if name not in zoneinfo.available_timezones():
            raise forms.ValidationError("No such time zone. Try one like Europe/Berlin.")
        return name


@founder_required
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponseBase:
    """`pause=1` or `pause=0`, or another `time_zone`."""
    rules = ReminderSettings.load()
    form = TimeZoneForm(initial={"time_zone": rules.time_zone})
    if request.method == "POST":
        if "pause" in request.POST:
            return _pause(request)
        form = TimeZoneForm(request.POST)
        if form.is_valid():
            reminders.set_time_zone(form.cleaned_data["time_zone"], by=user_of(request))
            messages.success(request, "Saved.")
            return redirect("onboarding:reminders")
    return render(request, "onboarding/reminders.html", _context(rules, form))


def _context(rules: ReminderSettings, form: TimeZoneForm) -> dict[str, Any]:
    stops = ReminderStop.objects.exclude(member__status=Member.Status.REMOVED)
    waiting = reminders.waiting().order_by("last_activity_at", "invited_at")
    return {
        "rules": rules,
        "form": form,
        "after_days": reminders.AFTER_DAYS,
        "begins": reminders.WORK_BEGINS,
        "ends": reminders.WORK_ENDS,
        "waiting": waiting[:MOST_SHOWN],
        "stops": stops.select_related("member").order_by("-stopped_at")[:MOST_SHOWN],
    }


def _pause(request: HttpRequest) -> HttpResponseBase:
    if request.POST["pause"] == "1":
        reminders.pause(by=user_of(request))
        messages.success(request, "Nobody is reminded until you say so.")
    else:
        reminders.unpause(by=user_of(request))
        messages.success(request, "Reminders go out again.")
    return redirect("onboarding:reminders")


@founder_required
@require_POST
def of_member(request: HttpRequest, pk: int) -> HttpResponseBase:
    """`stop=1`: none to this member; `stop=0`: again."""
    member = get_object_or_404(Member.objects.on_team(), pk=pk)
    if request.POST.get("stop") == "0":
        reminders.resume(member, by=user_of(request))
    else:
        reminders.stop(member, by=user_of(request))
    return redirect("onboarding:reminders")


@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponseBase:
    """From the mail: the click on the page stops them, the mere GET of a mail scanner does not."""
    member = reminders.member_of(token)
    if member is not None and request.method == "POST":
        if request.POST.get("again"):
            reminders.resume(member)
        else:
            reminders.stop(member)
    is_stopped = member is not None and ReminderStop.objects.filter(member=member).exists()
    context = {"member": member, "is_stopped": is_stopped}
    return render(request, "onboarding/reminders_stop.html", context)
