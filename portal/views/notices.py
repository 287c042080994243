"""Webhooks in the browser: what founders want to be told of, where, and whether it arrives."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal.access import founder_required, recently_confirmed, user_of
from portal.models import Webhook
from portal.webhooks import addresses, hooks, log
from portal.webhooks.events import Event, groups

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


class WebhookForm(forms.Form):
    """`webhook`: the one that is changed, whose address may stay as it is."""

    name = forms.CharField(label="Name", max_length=60, help_text="As in #kiro or On-call.")
    kind = forms.ChoiceField(label="Kind", choices=Webhook.Kind.choices)
    url = forms.CharField(label="Address", max_length=addresses.LONGEST_URL)
    events = forms.MultipleChoiceField(label="Tell it when", choices=Event.choices)

    def __init__(self, *args: Any, webhook: Webhook | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        url = self.fields["url"]
        url.widget.attrs |= {"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}
        url.help_text = "https://, as Slack or the other side shows it."
        if webhook:
            url.required = False
            url.help_text = f"Now {hooks.short_url(webhook)}. Empty leaves it so."

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if not name.isprintable():
            raise forms.ValidationError("A name is one line of text.")
        return name

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        try:
            if url:
                addresses.parse(url)
        except addresses.BadAddress as error:
            raise forms.ValidationError(str(error)) from error
        return url

    @property
    def chosen(self) -> set[str]:
        """The events that are ticked, whether as saved or as just sent."""
        return set(self["events"].value() or [])


@founder_required
@recently_confirmed
@get_or_post
def show_all(request: HttpRequest) -> HttpResponseBase:
    """All webhooks; POST adds one."""
    form = WebhookForm(request.POST or None, initial={"events": list(Event.values)})
    if request.method == "POST" and form.is_valid():
        try:
            made = hooks.add(**form.cleaned_data, by=user_of(request))
        except hooks.TooMany as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{made.name} is there. Send it a test.")
            return redirect("webhook", made.pk)
    context = {"form": form, "groups": groups(), "webhooks": log.overview(), "tab": "notices"}
    return render(request, "portal/notices.html", context)


@founder_required
@recently_confirmed
@get_or_post
def show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One webhook and its log; POST changes it."""
    webhook = get_object_or_404(Webhook, pk=pk)
    saved = {"name": webhook.name, "kind": webhook.kind, "events": webhook.events}
    form = WebhookForm(request.POST or None, initial=saved, webhook=webhook)
    if request.method == "POST" and form.is_valid():
        hooks.change(webhook, **form.cleaned_data, by=user_of(request))
        messages.success(request, "Saved.")
        return redirect("webhook", pk)
    return _page(request, webhook, form=form)


def _page(request: HttpRequest, webhook: Webhook, **more: Any) -> HttpResponseBase:
    is_fragment = bool(getattr(request, "htmx", False))
    context = {"webhook": webhook, "short_url": hooks.short_url(webhook), "groups": groups()}
    context |= {"tab": "notices", "secret": "", **log.of(webhook), **more}
    template = "portal/_deliveries.html" if is_fragment else "portal/webhook.html"
    return render(request, template, context)


@founder_required
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponseBase:
    return _do(request, pk, hooks.test, said="The test is on its way: see the log.")


@founder_required
@recently_confirmed
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponseBase:
    """`on=1` or `on=0`."""
    is_on = request.POST.get("on") == "1"
    said = "It is told again." if is_on else "It is not told any more."
    return _do(request, pk, hooks.switch, said=said, on=is_on)


@founder_required
@require_POST
def send_again(request: HttpRequest, pk: int) -> HttpResponseBase:
    """`delivery`: one that was given up."""
    number = request.POST.get("delivery", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Http404
    return _do(request, pk, hooks.send_again, said="It is sent again.", delivery_pk=int(number))


@founder_required
@recently_confirmed
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponseBase:
    _do(request, pk, hooks.remove, said="The webhook is deleted.")
    return redirect("notices")


def _do(
    request: HttpRequest, pk: int, act: Callable[..., object], *, said: str, **details: Any
) -> HttpResponseBase:
    webhook = get_object_or_404(Webhook, pk=pk)
    try:
        act(webhook, by=user_of(request), **details)
    except hooks.TooMany as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("webhook", pk)


@founder_required
@recently_confirmed
@never_cache
@require_POST
def secret(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the signing secret, the once; with `renew=1` make another one first."""
    webhook = get_object_or_404(Webhook, pk=pk, kind=Webhook.Kind.JSON)
    if request.POST.get("renew") == "1":
        hooks.renew_secret(webhook, by=user_of(request))
        messages.success(request, "There is a new secret; the old one signs nothing any more.")
        return redirect("webhook", pk)
    shown = hooks.show_secret(webhook, by=user_of(request))
    if shown is None:
        messages.error(request, "The secret was shown before. Make a new one if it is lost.")
        return redirect("webhook", pk)
    webhook.refresh_from_db()
    form = WebhookForm(
        initial={"name": webhook.name, "kind": webhook.kind, "events": webhook.events},
        webhook=webhook,
    )
    return _page(request, webhook, form=form, secret=shown)
