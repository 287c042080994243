"""What is stored about a member, as a file: for a founder, and for the member themselves."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from onboarding.models import Member
from portal.access import founder_required, recently_confirmed_to_read, user_of
from portal.pages import member_data


@founder_required
@recently_confirmed_to_read
@require_safe
def of_member(_request: HttpRequest, pk: int) -> HttpResponseBase:
    """Of anybody who is or was on the team."""
    return _file(get_object_or_404(Member, pk=pk))


@login_required
@recently_confirmed_to_read
@require_safe
def own(request: HttpRequest) -> HttpResponseBase:
    """The signed-in person's own row, never one named by the request."""
    return _file(get_object_or_404(Member.objects.on_team(), user=user_of(request)))


def _file(member: Member) -> HttpResponseBase:
    found = member_data.of(member, now=timezone.now())
    response = JsonResponse(found, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="member-{member.pk}.json"'
    return response
