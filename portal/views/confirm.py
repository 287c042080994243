"""Is it still you? Asked before what does harm in the wrong hands; and the sessions of oneself."""

from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import audit
from portal.access import user_of
from portal.sign_in import accounts, codes, confirmation


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code from the mail",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponseBase:
    """With a second factor by that, with a password by that; else by a mailed code."""
    following = _following(request)
    if confirmation.is_recent(request):
        return redirect(following)
    methods = get_adapter(request).get_reauthentication_methods(request.user)
    others = [method for method in methods if method["id"] != "code"]
    by_mail = "mail" in request.GET or "mail" in request.POST or not others
    if len(others) == len(methods) or not by_mail:
        return redirect(f"{others[0]['url']}?{urlencode({'next': following})}")
    return _by_mail(request, following)


def _by_mail(request: HttpRequest, following: str) -> HttpResponseBase:
    form, is_sent = CodeForm(), False
    if request.method == "POST" and "code" in request.POST:
        form, is_sent = CodeForm(request.POST), True
        if form.is_valid() and _take(request, form.cleaned_data["code"]):
            confirmation.note(request)
            return redirect(following)
        form.add_error("code", "That is not the newest code, or its time or tries are over.")
    elif request.method == "POST":
        _mail_code(request)
        is_sent = True
    context = {"form": form, "is_sent": is_sent, "next": following}
    return render(request, "account/confirm.html", context)


def _mail_code(request: HttpRequest) -> None:
    adapter, user = get_adapter(request), user_of(request)
    code = adapter.generate_login_code()
    browser = str(request.session.session_key)
    codes.remember(whom=_whom(request), code=code, now=timezone.now(), browser=browser)
    adapter.send_mail("account/email/confirm_code", user.email, {"code": code})


def _take(request: HttpRequest, code: str) -> bool:
    browser = str(request.session.session_key)
    return codes.take(whom=_whom(request), code=code, now=timezone.now(), browser=browser)


def _whom(request: HttpRequest) -> str:
    """Not the address: this code signs nobody in, and a sign-in elsewhere does not void it."""
    return f"confirm:{user_of(request).pk}"


def _following(request: HttpRequest) -> str:
    asked = request.POST.get("next") or request.GET.get("next")
    return asked if asked and accounts.is_own_path(asked) else reverse("overview")


@login_required
@require_safe
def go_on(request: HttpRequest) -> HttpResponseBase:
    """What was posted before the question, to be posted again by one press."""
    post = confirmation.kept(request)
    if post is None or not confirmation.is_recent(request):
        return redirect("overview")
    context = {**post, "page": _own_page(request, post["page"])}
    return render(request, "account/confirm_go_on.html", context)


def _own_page(request: HttpRequest, address: str) -> str:
    """The page that was posted from, if it is one of ours."""
    said = urlsplit(address)
    path = urlunsplit(("", "", said.path, said.query, ""))
    is_ours = said.netloc == request.get_host() and accounts.is_own_path(path)
    return path if is_ours else reverse("overview")


@login_required
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One of one's own sessions, on another device; nobody else's is there."""
    session = get_object_or_404(UserSession, pk=pk, user=user_of(request))
    with transaction.atomic():
        session.end()
        audit.record("session.ended", subject=f"user:{session.user_id}", actor=user_of(request))
    messages.success(request, "That device is signed out.")
    return redirect("usersessions_list")
