"""The credit grants: what is left of each, which of them pay for Kiro, and typing them in."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from billing.amounts import ZERO
from billing.credit import attribution
from billing.credit.attribution import Purse
from billing.credit.credits import Grant
from billing.models import CreditGrant
from billing.spending.ledger import Books

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Holding:
    """A grant, what was used of it by day, and what is left."""

    grant: CreditGrant
    used_by_day: Mapping[date, Decimal]
    left: Decimal
    today: date
    is_for_kiro: bool
    is_double: bool
    is_other_currency: bool

    @property
    def used(self) -> Decimal:
        return self.grant.amount - self.left

    @property
    def is_over(self) -> bool:
        """Expired; what it still had has lapsed."""
        return self.grant.expires_on is not None and self.grant.expires_on < self.today

    @property
    def counts(self) -> bool:
        """Whether it is part of the runway."""
        leaves_out = self.is_over or self.is_double or self.is_other_currency
        return self.is_for_kiro and self.grant.is_enabled and not leaves_out

    @property
    def as_grant(self) -> Grant:
        grant = self.grant
        return Grant(grant.pk, self.left, grant.starts_on, grant.expires_on)


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Every grant, in the currency in which Kiro is paid for."""

    currency: str
    holdings: tuple[Holding, ...]
    unknown: Decimal
    """Credits on the latest bills that none of the grants accounts for."""
    as_of: date

    @property
    def counted(self) -> list[Holding]:
        return [holding for holding in self.holdings if holding.counts]

    @property
    def usable(self) -> list[Grant]:
        return [holding.as_grant for holding in self.counted]


def portfolio(
    grants: Sequence[CreditGrant], books: Books, *, service: str, today: date
) -> Portfolio:
    currency = books.currency if books.data_to else _currency_of(grants)
    paying = [grant for grant in grants if _pays(grant, service, currency)]
    singles = [grant for grant in paying if not _is_double(grant, grants)]
    spent = books.of(currency).credits_used()
    used = attribution.attribute([purse for each in singles for purse in _purses(each)], spent)
    holdings = tuple(
        Holding(
            grant=grant,
            used_by_day=used.get(grant.pk, {}),
            left=_left(grant, used.get(grant.pk, {})),
            today=today,
            is_for_kiro=is_for(grant.products, service),
            is_double=_is_double(grant, grants),
            is_other_currency=grant.currency != currency,
        )
        for grant in grants
    )
    counted = [holding for holding in holdings if holding.counts]
    as_of = _as_of(counted, [books.data_to, books.told_to], today=today)
    return Portfolio(currency, holdings, _unknown(spent, used, today=today), as_of)


def _currency_of(grants: Sequence[CreditGrant]) -> str:
    return grants[0].currency if grants else "USD"


def _pays(grant: CreditGrant, service: str, currency: str) -> bool:
    return is_for(grant.products, service) and grant.currency == currency


def is_for(products: Collection[str], service: str) -> bool:
    """Whether a grant for these products pays for the service.

    One that names no product pays for all; names vary (“Kiro”, “AWS Kiro”).
    """
    words = service.casefold()
    return not products or any(words in str(name).casefold() for name in products)


def _is_double(grant: CreditGrant, grants: Sequence[CreditGrant]) -> bool:
    """Typed in, and now told by AWS as well: counted twice it would feign a longer runway."""
    return grant.is_typed and any(
        not other.is_typed
        and (other.amount, other.currency, other.expires_on)
        == (grant.amount, grant.currency, grant.expires_on)
        for other in grants
    )


def _purses(grant: CreditGrant) -> list[Purse]:
    """What was used before somebody looked at what is left, and what may be used since."""
    last = grant.expires_on or date.max
    order = Grant(grant.pk, ZERO, grant.starts_on, grant.expires_on).order
    if grant.left_amount is None or grant.left_on is None:
        return [Purse(grant.pk, grant.amount, grant.starts_on, last, order, is_known=False)]
    used, looked_up = grant.amount - grant.left_amount, grant.left_on
    return [
        Purse(grant.pk, used, grant.starts_on, min(last, looked_up), order, is_known=True),
        Purse(grant.pk, grant.left_amount, looked_up + _ONE_DAY, last, order, is_known=False),
    ]


def _left(grant: CreditGrant, used: Mapping[date, Decimal]) -> Decimal:
    if grant.left_amount is None or grant.left_on is None:
        return grant.amount - sum(used.values(), ZERO)
    since = (amount for day, amount in used.items() if day > grant.left_on)
    return grant.left_amount - sum(since, ZERO)


def _unknown(spent: Mapping[date, Decimal], used: attribution.Used, *, today: date) -> Decimal:
    recent = today - timedelta(days=60)
    known = sum((sum(_since(days, recent), ZERO) for days in used.values()), ZERO)
    return sum(_since(spent, recent), ZERO) - known


def _since(days: Mapping[date, Decimal], first: date) -> list[Decimal]:
    return [amount for day, amount in days.items() if day >= first]


def _as_of(counted: Sequence[Holding], told: Sequence[date | None], *, today: date) -> date:
    """The day at whose end we know what is left.

    A balance looked up on a day may not have that day's charges yet, so it stands for the day
    before: on the first of a month that keeps the whole month's seats in the reckoning.
    """
    looked_up = (holding.grant.left_on for holding in counted)
    known = [*(day - _ONE_DAY for day in looked_up if day), *(day for day in told if day)]
    return min(max(known, default=today), today)
