"""Several members at once, chosen on the board: invite again, another plan, offboard."""

from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from onboarding.forms import BulkOffboardForm
from onboarding.models import Member
from onboarding.team import invitations, members, offboarding, plans
from onboarding.views.team import back_to_board
from portal.access import founder_required, recently_confirmed, user_of
from portal.templatetags.portal import money

MOST = 500


def _chosen(asked: QueryDict) -> list[Member]:
    """The members named by `member`, those who are on the team."""
    pks = [int(pk) for pk in asked.getlist("member")[:MOST] if pk.isdecimal() and len(pk) < 19]
    on_team = Member.objects.on_team().exclude(status=Member.Status.LEAVING)
    return list(on_team.filter(pk__in=pks).select_related("plan"))


@founder_required
@require_POST
def act(request: HttpRequest) -> HttpResponseBase:
    chosen = _chosen(request.POST)
    action = request.POST.get("action", "")
    if not chosen:
        messages.warning(request, "Choose members first, by the boxes at their names.")
    elif action == "offboard":
        return _to_preview(request, chosen)
    elif action == "resend":
        _resend(request, chosen)
    elif action == "plan":
        _change_plan(request, chosen)
    return back_to_board(request)


def _to_preview(request: HttpRequest, chosen: list[Member]) -> HttpResponseBase:
    query = urlencode([("member", member.pk) for member in chosen])
    url = f"{reverse('onboarding:bulk-offboard')}?{query}"
    return HttpResponseClientRedirect(url) if request.headers.get("HX-Request") else redirect(url)


def _resend(request: HttpRequest, chosen: list[Member]) -> None:
    invited = [member for member in chosen if member.status == Member.Status.INVITED]
    for member in invited:
        invitations.resend(member, actor=user_of(request))
    _tell(request, len(invited), len(chosen), "invited again", "set up or already done")


def _change_plan(request: HttpRequest, chosen: list[Member]) -> None:
    plan = plans.named(request.POST.get("plan", ""))
    if plan is None:
        messages.error(request, "There is no such plan. Choose one of the list.")
        return
    others = [member for member in chosen if member.plan_id != plan.pk]
    changes = [members.change_plan(member, plan, actor=user_of(request)) for member in others]
    _tell(request, len(changes), len(chosen), f"moved to {plan.name}", "on that plan already")
    if total := sum(change.difference for change in changes):
        more = "more" if total > 0 else "less"
        messages.info(request, f"That is {money(abs(total), plan.currency)} a month {more}.")


def _tell(request: HttpRequest, done: int, chosen: int, what: str, why_not: str) -> None:
    people = "1 member" if done == 1 else f"{done} members"
    rest = chosen - done
    left = f"; {rest} {'was' if rest == 1 else 'were'} {why_not}" if rest else ""
    messages.success(request, f"{people} {what}{left}.")


# Offboarding -----------------------------------------------------------------------------------


@founder_required
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def offboard(request: HttpRequest) -> HttpResponseBase:
    """What offboarding them will do; POST does it."""
    chosen = _chosen(request.POST if request.method == "POST" else request.GET)
    form = BulkOffboardForm(request.POST if request.method == "POST" else None)
    if chosen and form.is_valid():
        _offboard(request, chosen, **form.cleaned_data)
        return redirect("onboarding:team")
    today = timezone.now().date()
    previews = [(member, offboarding.preview(member, on=today)) for member in chosen]
    context = {
        "previews": previews,
        "form": form,
        "saves": sum(preview.saves for _, preview in previews if preview.has_seat),
        "currency": chosen[0].plan.currency if chosen else "USD",
    }
    return render(request, "onboarding/offboard.html", context)


def _offboard(
    request: HttpRequest, chosen: list[Member], *, on: date | None, delete_user: bool
) -> None:
    """Users that were there before the portal are kept: deleting one takes its name, typed."""
    for member in chosen:
        is_ours = member.origin == Member.Origin.CREATED
        offboarding.offboard(
            member, actor=user_of(request), on=on, delete_user=delete_user and is_ours
        )
    people = "1 member is" if len(chosen) == 1 else f"{len(chosen)} members are"
    messages.success(request, f"{people} leaving the team.")
