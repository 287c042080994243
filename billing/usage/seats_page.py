"""The seats page as ready words and numbers, in as many queries for one member as for thousands."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator

from billing.usage import freshness, idle, seat_list, seat_rows, seat_totals
from billing.usage.idle import Gauge, Seats
from billing.usage.seat_list import SHOWS, SORTS, STRANGERS, Asked
from onboarding.models import Plan
from portal.templatetags.portal import money

PAGE = 50


def context(asked: Asked, *, page: str | None, today: date) -> dict[str, Any]:
    found = freshness.load()
    measure, plans = idle.gauge(found, today=today), seat_totals.plans()
    seats = idle.seats(measure)
    totals = seat_totals.of_month(asked.month, plans)
    return {
        "freshness": found,
        "measure": measure,
        "asked": asked,
        "months": seat_totals.months(today),
        "plans": plans,
        "shows": SHOWS,
        "sorts": SORTS,
        "totals": totals,
        "overage_price": in_money(totals.overage_price),
        "idle_seats": sum(each.idle for each in seats),
        "idle_price": idle_price(seats),
        **_list(asked, measure, plans, page),
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
