"""What every page's frame needs, and no query that the page has not asked for."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portal.access import is_sandbox_visitor
from portal.models import Workspace


def frame(request: HttpRequest) -> dict[str, Any]:
    return {
        "workspace": SimpleLazyObject(Workspace.load),
        "is_sandbox": settings.AWS_SANDBOX,
        "is_sandbox_visitor": is_sandbox_visitor(request),
    }
