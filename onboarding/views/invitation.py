"""The invited person's first page. Looking changes nothing; only the click signs in."""

from allauth.account.utils import perform_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from onboarding.team import invitations
from portal.models import Workspace


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    if request.method == "POST" and (user := invitations.accept(token)):
        signed_in: HttpResponseBase = perform_login(
            request, user, redirect_url=reverse("onboarding:checklist")
        )
        return signed_in
    found = invitations.look_up(token)
    owner = found.member and found.member.user
    context = {
        "is_owner": request.user.is_authenticated and request.user == owner,
        "state": found.state,
        "member": found.member,
        "inviter": (found.member and found.member.inviter) or Workspace.load().company_name,
    }
    return render(request, "onboarding/invitation.html", context)
