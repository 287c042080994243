"""What every page's frame needs; each query is made only when a template asks for its answer."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from onboarding.models import Member
from portal.access import is_sandbox_visitor
from portal.models import User, Workspace


def frame(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    return {
        "nav_trouble": SimpleLazyObject(lambda: _in_trouble(user)),
        "workspace": SimpleLazyObject(Workspace.load),
        "is_sandbox": settings.AWS_SANDBOX,
        "is_sandbox_visitor": is_sandbox_visitor(request),
    }


def _in_trouble(user: User | None) -> int:
    """How many members a founder should look at; nobody else is told."""
    is_founder = user is not None and user.is_authenticated and user.is_founder
    return Member.objects.in_trouble().count() if is_founder else 0
