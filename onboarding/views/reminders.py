"""Reminders: a founder pauses them, a member stops them by the link in the mail."""

import zoneinfo
from typing import Any

from django import forms
from django.contrib import messages
from django.forms.models import model_to_dict
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from onboarding.models import Member, ReminderSettings, ReminderStop
from onboarding.reminding import reminders
from portal.access import founder_required, user_of

MOST_SHOWN = 200
MOST_DAYS = 365


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


class DaysForm(forms.Form):
    """After how many days without progress."""

    first_after_days = forms.IntegerField(
        label="First after days without progress", min_value=1, max_value=MOST_DAYS
    )
    then_after_days = forms.IntegerField(
        label="Again after days without progress", min_value=2, max_value=MOST_DAYS
    )

    def clean(self) -> dict[str, Any]:
        first = self.cleaned_data.get("first_after_days")
        then = self.cleaned_data.get("then_after_days")
        if first and then and then <= first:
            self.add_error("then_after_days", "Choose more days than for the first.")
        return self.cleaned_data


@founder_required
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponseBase:
    """`pause=1` or `pause=0`, another `time_zone`, or other `first_after_days` and `then_…`."""
    if "pause" in request.POST:
        return _pause(request)
    rules = ReminderSettings.load()
    as_it_is = model_to_dict(rules)
    zone, days = TimeZoneForm(initial=as_it_is), DaysForm(initial=as_it_is)
    if "time_zone" in request.POST:
        zone = TimeZoneForm(request.POST)
    elif request.method == "POST":
        days = DaysForm(request.POST)
    if zone.is_valid():
        reminders.set_time_zone(zone.cleaned_data["time_zone"], by=user_of(request))
    elif days.is_valid():
        first, then = days.cleaned_data["first_after_days"], days.cleaned_data["then_after_days"]
        reminders.set_days(first=first, then=then, by=user_of(request))
    else:
        return render(request, "onboarding/reminders.html", _context(rules, zone=zone, days=days))
    messages.success(request, "Saved.")
    return redirect("onboarding:reminders")


def _context(rules: ReminderSettings, *, zone: TimeZoneForm, days: DaysForm) -> dict[str, Any]:
    stops = ReminderStop.objects.exclude(member__status=Member.Status.REMOVED)
    waiting = reminders.waiting().order_by("last_activity_at", "invited_at")
    return {
        "rules": rules,
        "zone": zone,
        "days": days,
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
