"""Founders in the browser: who they are, and one more or one less."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from onboarding.forms import AddressField, NameField
from portal import founders
from portal.access import founder_required, recently_confirmed, user_of
from portal.models import User


class InviteForm(forms.Form):
    email = AddressField(label="E-mail", max_length=254)
    name = NameField(label="Name", required=False)


@founder_required
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponseBase:
    """All founders; POST invites one."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invited = founders.invite(**form.cleaned_data, actor=user_of(request))
        except founders.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{invited} is a founder now, and a mail says so.")
            return redirect("people")
    context = {"form": form, "founders": founders.active(), "tab": "people"}
    return render(request, "portal/people.html", context)


@founder_required
@recently_confirmed
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponseBase:
    return _act(request, pk, founders.remove, "{} is no founder any more, and signed out.")


@founder_required
@recently_confirmed
@require_POST
def sign_out(request: HttpRequest, pk: int) -> HttpResponseBase:
    return _act(request, pk, founders.sign_out, "{} is signed out everywhere.")


def _act(request: HttpRequest, pk: int, act: Callable[..., None], done: str) -> HttpResponseBase:
    user = get_object_or_404(User, pk=pk, role=User.Role.FOUNDER, is_active=True)
    try:
        act(user, actor=user_of(request))
    except founders.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done.format(user))
    return redirect("people")
