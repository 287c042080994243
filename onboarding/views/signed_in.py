"""The member who is signed in, for the pages that are theirs."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from onboarding.models import Member
from portal.access import user_of


def member(request: HttpRequest) -> Member:
    """The signed-in person's own row, never one named by the request. Raises: Http404."""
    members = Member.objects.on_team().select_related("plan")
    return get_object_or_404(members, user=user_of(request))
