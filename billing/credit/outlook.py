"""Where the money goes from here: grants, spend and seats brought together, in five queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from billing.amounts import ZERO
from billing.charts import chart
from billing.credit import burndown, grants
from billing.credit.burndown import Burndown, Spent
from billing.credit.credits import Runway, runway, upgrade
from billing.credit.grants import Portfolio
from billing.models import CreditGrant
from billing.spending import burn, ledger, seats
from billing.spending.burn import Burn
from billing.spending.ledger import Books, Ledger
from billing.spending.periods import add_months
from billing.spending.refreshes import MONTHS_BACK
from billing.spending.seats import PlanSeats

DRAWN_BACK, DRAWN_AHEAD = 12, 24
"""How many months of past and of future the burn-down shows at most."""


@dataclass(frozen=True, slots=True)
class Outlook:
    today: date
    books: Books
    portfolio: Portfolio
    plans: tuple[PlanSeats, ...]
    burn: Burn
    runway: Runway

    @property
    def currency(self) -> str:
        return self.portfolio.currency

    @property
    def ledger(self) -> Ledger:
        return self.books.of(self.currency)

    @property
    def granted(self) -> Decimal:
        return sum((holding.grant.amount for holding in self.portfolio.counted), ZERO)

    @property
    def last_expiry(self) -> date | None:
        ends = [each.grant.expires_on for each in self.portfolio.counted if each.left]
        return max((day for day in ends if day), default=None)

    def what_if(self, wanted: Mapping[str, int]) -> "Outlook":
        """The same with other numbers of seats, from today on."""
        now, then = (seats.prices(self.plans, self.currency, each) for each in (None, wanted))
        # Before the month's first bill is in, that bill is still to come and has them all.
        is_billed = self.runway.as_of >= self.today.replace(day=1)
        changed = replace(
            self.burn,
            seats_a_month=sum(then, ZERO),
            at_once=upgrade(now, then, today=self.today) if is_billed else ZERO,
        )
        return replace(self, burn=changed, runway=_runway(self.portfolio, changed))


def load(
    *,
    service: str,
    today: date,
    refreshed_at: datetime | None,
    plans: Sequence[PlanSeats] | None = None,
) -> Outlook:
    rows = list(CreditGrant.objects.all())
    books = ledger.read(_since(rows, today))
    books.told_to = ledger.told_to(books.data_to, refreshed_at)
    portfolio = grants.portfolio(rows, books, service=service, today=today)
    found = tuple(seats.by_plan(today) if plans is None else plans)
    a_month = sum(seats.prices(found, portfolio.currency), ZERO)
    measured = burn.measure(books.of(portfolio.currency), a_month, told_to=books.told_to)
    return Outlook(today, books, portfolio, found, measured, _runway(portfolio, measured))


def _runway(portfolio: Portfolio, measured: Burn) -> Runway:
    return runway(portfolio.usable, measured, as_of=portfolio.as_of)


def _since(rows: Sequence[CreditGrant], today: date) -> date:
    """As far back as a refresh reads; longer for a grant in use of which only bills tell."""
    usual = add_months(today.replace(day=1), -MONTHS_BACK)
    in_use = [
        row.starts_on
        for row in rows
        if row.left_amount is None and (row.expires_on is None or row.expires_on >= today)
    ]
    return min([usual, *in_use])


# The burn-down ---------------------------------------------------------------------------------


def drawing(
    outlook: Outlook,
    *,
    height: float = chart.HEIGHT,
    most_labels: int = burndown.MOST_LABELS,
) -> Burndown | None:
    """None when there is nothing to burn down."""
    ahead, counted = outlook.runway, [each for each in outlook.portfolio.counted if each.left]
    if not ahead.left:
        return None
    cut = max(_months_on(ahead.as_of, DRAWN_AHEAD), ahead.ends_on or ahead.as_of)
    expiries = {day for each in counted if (day := each.grant.expires_on) and day <= cut}
    starts = {each.grant.starts_on for each in counted}
    return burndown.draw(
        burndown.history(
            [Spent(each.grant.starts_on, each.left, each.used_by_day) for each in counted],
            as_of=ahead.as_of,
            # Before the first bill that is known here nobody knows what was used when.
            since=max(_months_on(ahead.as_of, -DRAWN_BACK), outlook.books.data_from or ahead.as_of),
        ),
        burndown.sampled(
            ahead.balances,
            until=ahead.ends_on or cut,
            keep=[ahead.ends_on] if ahead.ends_on else [],
            sudden=[*expiries, *(day for day in starts if day > ahead.as_of)],
        ),
        ends_on=ahead.ends_on if ahead.is_used_up else None,
        expiries={day: f"expires {_day(day, outlook.today)}" for day in expiries},
        end_label=f"ends {_day(ahead.ends_on, outlook.today)}" if ahead.ends_on else "",
        currency=outlook.currency,
        height=height,
        most_labels=most_labels,
    )


def _months_on(day: date, count: int) -> date:
    return add_months(day.replace(day=1), count) + timedelta(days=day.day - 1)


def _day(day: date, today: date) -> str:
    """Without the year where it is this one."""
    form = "{0.day} {0:%b}" if day.year == today.year else "{0.day} {0:%b %Y}"
    return form.format(day)
