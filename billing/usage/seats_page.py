"""The seats page: its figures, made once an edition, and what stands around them.

As many queries for one member as for thousands; one where the figures are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Subquery
from django.utils.safestring import SafeString

from billing.models import UsageMonth
from billing.usage import freshness, idle, seat_list, seat_rows, seat_totals
from billing.usage.freshness import Freshness
from billing.usage.idle import Gauge, Seats
from billing.usage.seat_list import SHOWS, SORTS, STRANGERS, Asked
from onboarding.models import Plan
from onboarding.team import trouble
from portal import fragment_cache
from portal.models import Workspace
from portal.templatetags.portal import money
from portal.watch import vital_signs

PAGE = 50


@dataclass(frozen=True, slots=True)
class View:
    """What the address asks for; `query`: the same for the links to other pages of the list."""

    asked: Asked
    page: str | None
    query: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the figures, and by which edition they are kept."""

    company: Workspace
    freshness: Freshness
    in_trouble: int
    edition: tuple[object, ...]


def frame() -> Frame:
    """One query, the one for the company's name."""
    company = vital_signs.company(_columns)
    found, row = freshness.of_row(company), vars(company)
    edition = (row["edition"], row["usage_edition"], found)
    return Frame(company, found, row["in_trouble"], edition)


def _columns() -> dict[str, Any]:
    """Months are summed up into new rows: the newest of them tells one sum from the next."""
    return {
        **freshness.columns(),
        **fragment_cache.columns(),
        "usage_edition": Subquery(UsageMonth.objects.order_by("-pk").values("pk")[:1]),
        "in_trouble": trouble.column(),
    }


def drawn(template: str, around: Frame, view: View, *, today: date) -> SafeString:
    """The figures through this template; made only where none like them are kept."""
    edition = (*around.edition, view, today)
    return fragment_cache.html(
        template, edition, lambda: _context(around.freshness, view, today=today)
    )


def _context(found: Freshness, view: View, *, today: date) -> dict[str, Any]:
    asked = view.asked
    measure, plans = idle.gauge(found, today=today), seat_totals.plans()
    seats = idle.seats(measure)
    totals = seat_totals.of_month(asked.month, plans)
    return {
        "measure": measure,
        "asked": asked,
        "query": view.query,
        "months": seat_totals.months(today),
        "plans": plans,
        "shows": SHOWS,
        "sorts": SORTS,
        "totals": totals,
        "overage_price": in_money(totals.overage_price),
        "idle_seats": sum(each.idle for each in seats),
        "idle_price": idle_price(seats),
        **_list(asked, measure, plans, view.page),
    }


def _list(
    asked: Asked, measure: Gauge, plans: Sequence[Plan], number: str | None
) -> dict[str, Any]:
    page: Page[Any]
    if asked.show == STRANGERS:
        page = Paginator(seat_list.strangers(asked), PAGE).get_page(number)
        used = seat_list.used_by_strangers(page.object_list, asked)
    else:
        page = Paginator(seat_list.members(asked, measure, plans), PAGE).get_page(number)
        chosen: Any = page.object_list
        used = seat_list.used_by(chosen, asked, measure, plans)
    return {"page": page, "rows": seat_rows.draw(used, asked, measure, plans)}


def idle_price(seats: Sequence[Seats]) -> str:
    return in_money(idle.by_currency((each.currency, each.idle_price) for each in seats))


def in_money(amounts: dict[str, Any]) -> str:
    """`$40.00`, or with several currencies `$40.00 + €18.00`."""
    said = [money(amount, currency) for currency, amount in amounts.items() if amount]
    return " + ".join(said) or money(seat_totals.ZERO)
