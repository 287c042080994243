"""Several members at once, chosen on the board: invite again, another plan, offboard."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import partial
from typing import TypeVar
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
from onboarding.team import holding, invitations, members, offboarding, plans
from onboarding.views.team import back_to_board
from portal.access import founder_required, recently_confirmed, user_of
from portal.templatetags.portal import money

MOST = 500

Result = TypeVar("Result")


def _chosen(asked: QueryDict) -> list[Member]:
    """The members named by `member`, those who are on the team or about to leave it."""
    pks = [int(pk) for pk in asked.getlist("member")[:MOST] if pk.isdecimal() and len(pk) < 19]
    return list(Member.objects.on_team().filter(pk__in=pks).select_related("plan"))


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
    could = {Member.Status.INVITED, Member.Status.LEAVING}
    asked = [member for member in chosen if member.status in could]
    done = _each(asked, partial(invitations.resend, actor=user_of(request)))
    others = {"set up or already done": len(chosen) - len(asked), _LEFT: len(asked) - len(done)}
    _tell(request, "invited again", len(done), others)


def _change_plan(request: HttpRequest, chosen: list[Member]) -> None:
    plan = plans.named(request.POST.get("plan", ""))
    if plan is None:
        messages.error(request, "There is no such plan. Choose one of the list.")
        return
    asked = [member for member in chosen if member.plan_id != plan.pk]
    done = _each(asked, partial(members.change_plan, plan=plan, actor=user_of(request)))
    others = {"on that plan already": len(chosen) - len(asked), _LEFT: len(asked) - len(done)}
    _tell(request, f"moved to {plan.name}", len(done), others)
    if total := sum(change.difference for change in done):
        more = "more" if total > 0 else "less"
        messages.info(request, f"That is {money(abs(total), plan.currency)} a month {more}.")


_LEFT = "leaving already"


def _each(asked: list[Member], act: Callable[[Member], Result]) -> list[Result]:
    """What came of it, for each who stays: another founder, or a first click, may have been
    quicker.
    """
    done = []
    for member in asked:
        if member.status != Member.Status.LEAVING:
            with suppress(holding.HasLeft, offboarding.CannotOffboard):
                done.append(act(member))
    return done


def _tell(request: HttpRequest, what: str, done: int, others: dict[str, int]) -> None:
    """`others`: for how many nothing was done, by the reason."""
    parts = [f"{'1 member' if done == 1 else f'{done} members'} {what}"] if done else []
    parts += [
        f"{count} {'was' if count == 1 else 'were'} {why}" for why, count in others.items() if count
    ]
    level = messages.SUCCESS if done else messages.INFO
    messages.add_message(request, level, f"{'; '.join(parts)}.")


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
    staying = [member for member in chosen if member.status != Member.Status.LEAVING]
    previews = [(member, offboarding.preview(member, on=today)) for member in staying]
    context = {
        "previews": previews,
        "form": form,
        "saves": sum(preview.saves for _, preview in previews if preview.has_seat),
        "currency": staying[0].plan.currency if staying else "USD",
    }
    return render(request, "onboarding/offboard.html", context)


def _offboard(
    request: HttpRequest, chosen: list[Member], *, on: date | None, delete_user: bool
) -> None:
    """Users that were there before the portal are kept: deleting one takes its name, typed."""

    def take_out(member: Member) -> None:
        is_ours = member.origin == Member.Origin.CREATED
        offboarding.offboard(
            member, actor=user_of(request), on=on, delete_user=delete_user and is_ours
        )

    done = len(_each(chosen, take_out))
    are = "is" if done == 1 else "are"
    _tell(request, f"{are} leaving the team", done, {_LEFT: len(chosen) - done})
