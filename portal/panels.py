"""What an app adds to a page that must not know it: billing's usage on onboarding's pages.

An app registers a provider when it is ready; the page asks for whatever there is. Nothing is
registered, nothing is shown (see `docs/decisions/0010`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

FOUNDERS_PAGE = "member"
OWN_PAGE = "checklist"


@dataclass(frozen=True, slots=True)
class Panel:
    """A piece of a page: a template, and what it says as `panel`."""

    template: str
    content: Any


Provider = Callable[[Any], Panel | None]
"""From the member whom the page is about; None where there is nothing to say."""
_PROVIDERS: dict[str, list[Provider]] = {}


def register(page: str, provider: Provider) -> None:
    """Twice the same provider is one."""
    known = _PROVIDERS.setdefault(page, [])
    if provider not in known:
        known.append(provider)


def of(page: str, member: Any) -> list[Panel]:
    found = (provider(member) for provider in _PROVIDERS.get(page, []))
    return [panel for panel in found if panel is not None]
