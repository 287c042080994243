"""What every page's frame needs; each query is made only when a template asks for its answer."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from onboarding.team import trouble
from portal.access import is_sandbox_visitor
from portal.models import User
from portal.sign_in import second_factor
from portal.watch import vital_signs


def frame(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    workspace = SimpleLazyObject(lambda: vital_signs.company(_counts))
    return {
        "needs_factor": SimpleLazyObject(lambda: second_factor.is_missing(user)),
        "saml_name": settings.SAML_NAME if settings.SAML_METADATA_URL else "",
        "nav_trouble": SimpleLazyObject(lambda: _in_trouble(user, workspace)),
        "workspace": workspace,
        "troubles": SimpleLazyObject(lambda: _troubles(user, workspace)),
        "is_sandbox": settings.AWS_SANDBOX,
        "has_access_page": settings.ACCESS != "off",
        "is_sandbox_visitor": is_sandbox_visitor(request),
    }


def _counts() -> dict[str, Any]:
    """Counted along with the company's row."""
    return {"in_trouble": trouble.column()}


def _in_trouble(user: User | None, workspace: Any) -> int:
    """How many members a founder should look at; nobody else is told."""
    return workspace.in_trouble if _is_founder(user) else 0


def _troubles(user: User | None, workspace: Any) -> list[vital_signs.Trouble]:
    """What is down, for founders; out of the row that the page loads for the company's name."""
    return vital_signs.troubles(workspace) if _is_founder(user) else []


def _is_founder(user: User | None) -> bool:
    return user is not None and user.is_authenticated and user.is_founder
