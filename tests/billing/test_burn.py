"""What Kiro costs from here on, out of what it has cost."""

from datetime import date
from decimal import Decimal

import pytest

from billing.spending import burn, ledger
from tests.billing.factories import make_line

pytestmark = pytest.mark.django_db

TOLD_TO = date(2026, 11, 21)
OVERAGE = "USE1-KiroEnterprise-Credits"


def measure():
    return burn.measure(ledger.read(None).of("USD"), Decimal(80), told_to=TOLD_TO)


def overage(amount, day, *, record="Usage"):
    make_line(amount, day=day, record=record, usage=OVERAGE)


def test_overage_goes_on_as_in_the_last_28_days():
    overage("14", date(2026, 10, 25))
    overage("14", TOLD_TO)
    overage("99", date(2026, 10, 24))  # 29 days ago
    overage("99", date(2026, 11, 22))  # not a whole day yet

    assert measure().overage_a_day == 1


def test_seats_cost_what_they_cost_here_whatever_was_billed():
    make_line("400", day=date(2026, 11, 1))

    assert measure().seats_a_month == 80


def test_tax_on_overage_is_not_put_on_seats():
    overage("10", date(2026, 11, 3))
    overage("1", date(2026, 11, 3), record="Tax")
    make_line("400", day=date(2026, 11, 1))

    assert (measure().overage_tax, measure().seat_tax) == (Decimal("0.1"), 0)


def test_tax_on_nothing_in_particular_is_on_everything():
    make_line("400", day=date(2026, 11, 1))
    make_line("80", day=date(2026, 11, 1), record="Tax", usage="NoUsageType")

    assert (measure().seat_tax, measure().overage_tax) == (Decimal("0.2"), Decimal("0.2"))


def test_credits_that_paid_more_than_all_but_tax_pay_tax():
    overage("10", date(2026, 11, 3))
    overage("1", date(2026, 11, 3), record="Tax")
    overage("-10", date(2026, 11, 3), record="Credit")
    assert not measure().is_tax_covered

    overage("-0.5", date(2026, 11, 4), record="Credit")
    assert measure().is_tax_covered


def test_without_any_data_seats_are_all():
    measured = burn.measure(ledger.Ledger(), Decimal(80), told_to=None)

    assert (measured.seats_a_month, measured.overage_a_day) == (80, 0)
