"""The credits page as ready words and numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from billing.amounts import ZERO
from billing.credit import outlook
from billing.credit.credits import Runway
from billing.credit.grants import Holding
from billing.credit.outlook import Outlook
from billing.spending import burn
from portal.templatetags.portal import money

_SHOWN = Decimal("0.005")
"""AWS rounds balances to the cent; what is left of that is nobody's use."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What other seats would change: days of runway, and money a month."""

    days: int | None
    a_month: Decimal
    at_once: Decimal

    @property
    def fewer_days(self) -> int:
        return max(-(self.days or 0), 0)

    @property
    def more_days(self) -> int:
        return max(self.days or 0, 0)


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One grant, and in a word how it stands."""

    holding: Holding
    tone: str
    state: str


@dataclass(frozen=True, slots=True)
class MonthRow:
    """What credits paid in a month, and which grants."""

    month: date
    amount: Decimal
    is_estimated: bool
    by_grant: tuple[tuple[str, Decimal], ...]


def context(now: Outlook, wanted: Mapping[str, int] | None) -> dict[str, Any]:
    shown = now.what_if(wanted) if wanted is not None else now
    return {
        "outlook": shown,
        "currency": shown.currency,
        "runway": shown.runway,
        "before": now.runway,
        "is_what_if": wanted is not None,
        "difference": _difference(now, shown),
        "chart": outlook.drawing(shown),
        "rows": [_grant_row(holding, shown) for holding in shown.portfolio.holdings],
        "months": _months(shown),
        "basis": _basis(shown),
        "billed_elsewhere": _billed_elsewhere(now),
    }


def _difference(now: Outlook, shown: Outlook) -> Difference:
    before, after = now.runway, shown.runway
    is_known = before.ends_on is not None and after.ends_on is not None
    return Difference(
        days=(after.ends_on - before.ends_on).days if is_known else None,  # type: ignore[operator]  # both are known
        a_month=after.billed_a_month - before.billed_a_month,
        at_once=shown.burn.at_once,
    )


# What it rests on ------------------------------------------------------------------------------


def _basis(shown: Outlook) -> dict[str, Any]:
    """How the burn was worked out, figure by figure."""
    told_to = shown.books.told_to
    return {
        "seats_a_month": shown.burn.seats_a_month,
        "overage": burn.overage(shown.ledger, told_to) if told_to else ZERO,
        "overage_a_day": shown.burn.overage_a_day,
        "taxes": _taxes(shown),
        "is_tax_covered": shown.burn.is_tax_covered,
    }


def _taxes(shown: Outlook) -> list[str]:
    """`10% of overage`."""
    rates = (("seats", shown.burn.seat_tax), ("overage", shown.burn.overage_tax))
    return [
        f"{(100 * rate).quantize(Decimal('0.1')).normalize():f}% of {name}"
        for name, rate in rates
        if rate
    ]


def _billed_elsewhere(now: Outlook) -> Decimal | None:
    """What AWS billed for seats this month, if that is more than the seats known here."""
    data_to = now.books.data_to
    if data_to is None:
        return None
    billed = burn.seat_fees(now.ledger.total(data_to.replace(day=1), data_to))
    return billed if billed > now.burn.seats_a_month + 1 else None


# Tables ----------------------------------------------------------------------------------------


def _grant_row(holding: Holding, shown: Outlook) -> GrantRow:
    tone, state = _state(holding, shown.runway, today=shown.today)
    return GrantRow(holding, tone, state)


def _state(holding: Holding, runway: Runway, *, today: date) -> tuple[str, str]:
    grant = holding.grant
    lapses = runway.lapses_by_grant.get(grant.pk, ZERO)
    states = (
        (holding.is_over, ("quiet", "expired")),
        (not grant.is_enabled, ("warn", "switched off at AWS")),
        (holding.is_double, ("quiet", "told by AWS as well, not counted twice")),
        (not holding.is_for_kiro, ("quiet", "not for Kiro")),
        (holding.is_other_currency, ("quiet", f"in {grant.currency}, not counted")),
        (not holding.left, ("quiet", "used up")),
        (grant.starts_on > today, ("info", "to come")),
        (lapses > 0, ("warn", f"{money(lapses, grant.currency)} would lapse")),
    )
    return next((state for is_so, state in states if is_so), ("good", "in use"))


def _months(shown: Outlook) -> list[MonthRow]:
    """Newest first."""
    books, currency = shown.books, shown.currency
    if books.data_from is None or books.data_to is None:
        return []
    sums = books.by_month(books.data_from, books.data_to).get(currency, {})
    return [
        MonthRow(month, -each.credits, each.is_estimated, _by_grant(shown, month))
        for month, each in sorted(sums.items(), reverse=True)
        if each.credits
    ]


def _by_grant(shown: Outlook, month: date) -> tuple[tuple[str, Decimal], ...]:
    found = []
    for holding in shown.portfolio.holdings:
        days = holding.used_by_day.items()
        used = sum((amount for day, amount in days if day.replace(day=1) == month), ZERO)
        found += [(holding.grant.name, used)] if used >= _SHOWN else []
    return tuple(found)
