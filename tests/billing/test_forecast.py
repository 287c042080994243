"""What the month comes to, part by part, and the budget beside it."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from billing.models import Budget, Refresh
from billing.spending import forecast
from billing.spending.burn import Burn
from billing.spending.ledger import Ledger
from tests.billing.factories import make_line
from tests.factories import make_member

NOV_1, NOV_21 = date(2026, 11, 1), date(2026, 11, 21)


def month_end(*, known_to=NOV_21, today=NOV_21, seats_billed=True, **burn):
    ledger = Ledger()
    ledger.days[NOV_1].add("overage", Decimal(12), is_estimated=True)
    if seats_billed:
        ledger.days[NOV_1].add("pro-plus", Decimal(400), is_estimated=True)
    values = {name: Decimal(str(value)) for name, value in burn.items()}
    return forecast.month_end(ledger, Burn(**values), known_to=known_to, today=today)


def test_what_is_to_come_is_overage_for_the_days_left_and_its_tax():
    found = month_end(seats_a_month=400, overage_a_day=2, overage_tax="0.1")

    assert (found.used, found.days, found.overage, found.tax) == (412, 9, 18, Decimal("1.8"))
    assert found.total == Decimal("431.8")


def test_seats_that_the_bill_does_not_have_yet_are_to_come():
    found = month_end(seats_billed=False, seats_a_month=400)

    assert found.seats == 400
    assert found.total == 412


def test_days_of_another_month_are_not_counted():
    """On the first, AWS has told to the end of last month: all 31 days are to come."""
    found = month_end(
        known_to=date(2026, 11, 28), today=date(2026, 12, 1), seats_a_month=400, overage_a_day=1
    )

    assert (found.used, found.seats, found.overage) == (0, 400, 31)


def test_on_the_last_day_nothing_is_to_come():
    found = month_end(known_to=date(2026, 11, 30), today=date(2026, 11, 30), overage_a_day=2)

    assert found.is_certain
    assert found.days == 0


# On the page -------------------------------------------------------------------------------------


@pytest.fixture
def page(founders_browser):
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC)):
        at = datetime(2026, 11, 22, 6, 10, tzinfo=UTC)
        Refresh.objects.create(outcome="done", started_at=at, finished_at=at)
        yield lambda query="": re.sub(
            r"\s+", " ", re.sub(r"<[^>]*>", " ", founders_browser.get(f"/spend/{query}").text)
        )


def a_month():
    make_member()
    make_line("40", day=NOV_1)
    make_line("28", day=date(2026, 11, 20), record="Usage", usage="USE1-KiroEnterprise-Credits")


def test_the_estimate_says_how_it_is_made(page):
    a_month()

    text = page()

    assert "November is on the way to about $77.00" in text
    assert "$68.00 used so far + 9 days of overage at $1.00, as in the last 28 days." in text


def test_without_overage_it_is_what_is_billed(page):
    make_line("40", day=NOV_1)

    assert "November comes to $40.00" in page()


def test_the_budget_stands_beside_it(page):
    a_month()
    Budget.objects.create(pk=1, amount=80)

    assert "85% of the budget of $80.00 used" in page()


def test_over_budget_says_so_in_a_word(page):
    a_month()
    Budget.objects.create(pk=1, amount=50)

    assert "over budget 136% of the budget of $50.00 used" in page()


def test_a_budget_in_another_currency_is_not_compared(page):
    a_month()
    Budget.objects.create(pk=1, amount=50, currency="EUR")

    assert "% of the budget" not in page()


def test_a_period_that_is_over_has_no_estimate(page):
    a_month()

    assert "on the way to" not in page("?period=last-month")


def test_without_data_there_is_no_estimate(page):
    assert "on the way to" not in page()
