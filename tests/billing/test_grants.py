"""What is left of each grant, and which of them count."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from billing.credit import outlook
from tests.billing.factories import make_grant, make_line
from tests.factories import make_member

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)
REFRESHED = datetime(2026, 11, 22, 6, 10, tzinfo=UTC)


def load(*, today=TODAY, refreshed_at=REFRESHED):
    return outlook.load(service="Kiro", today=today, refreshed_at=refreshed_at)


def holding(found=None):
    (only,) = (found or load()).portfolio.holdings
    return only


def credit(amount, day):
    make_line(f"-{amount}", day=day, record="Credit")


def test_a_typed_grant_has_left_what_the_bills_did_not_use():
    make_grant("4800")
    credit(300, date(2026, 10, 1))
    credit(400, date(2026, 11, 1))

    assert (holding().used, holding().left) == (700, 4100)


def test_credits_before_a_grant_began_were_not_its_own():
    make_grant("4800", starts=date(2026, 10, 15))
    credit(300, date(2026, 10, 1))

    assert holding().left == 4800


def test_what_was_left_when_somebody_looked_counts_and_what_was_used_since():
    make_grant("4800", left_amount=Decimal(1000), left_on=date(2026, 11, 10))
    credit(400, date(2026, 11, 1))
    credit(25, date(2026, 11, 12))

    assert holding().left == 975


@pytest.mark.parametrize(
    "fields",
    [
        {"products": ["Amazon Elastic Compute Cloud - Compute"]},
        {"is_enabled": False},
        {"currency": "EUR"},
        {"expires": date(2026, 11, 21)},
    ],
)
def test_what_cannot_pay_for_kiro_is_listed_but_not_counted(fields):
    make_line("40")
    make_grant(**fields)

    assert not holding().counts
    assert load().runway.left == 0


@pytest.mark.parametrize("products", [[], ["Kiro"], ["Amazon EC2", "AWS Kiro"], ["kiro"]])
def test_what_can_pay_for_kiro_counts(products):
    make_grant(products=products)

    assert holding().counts


def test_a_grant_typed_in_and_told_by_aws_counts_once():
    make_grant(name="as in the letter")
    make_grant(credit_id="1", left_amount=Decimal(4800), left_on=TODAY)

    assert load().runway.left == 4800


def test_seats_of_the_team_burn_and_those_who_leave_this_month_do_not():
    make_grant()
    make_member(plan="pro-plus")
    make_member(plan="power")
    make_member(plan="pro", status="leaving", leaves_on=date(2026, 11, 30))
    make_member(plan="pro-max", status="leaving", leaves_on=date(2026, 12, 1))
    make_member(plan="power", status="removed")
    make_member(plan="power", status="queued", seat_group_id="")

    assert load().burn.seats_a_month == 40 + 200 + 100


def test_days_without_cost_are_told_of_as_well():
    make_grant()
    make_line("40", day=date(2026, 11, 1))

    assert load().runway.as_of == date(2026, 11, 21)


def test_on_the_first_the_months_seats_are_still_to_come_until_the_bill_has_them():
    make_grant("4800")
    make_member()
    first = {"today": date(2026, 12, 1), "refreshed_at": datetime(2026, 12, 1, 6, 10, tzinfo=UTC)}
    credit(40, date(2026, 11, 30))

    assert load(**first).runway.balances[1] == (date(2026, 12, 1), 4800 - 40 - 40)

    make_line("40", day=date(2026, 12, 1))
    assert load(**first).runway.as_of == date(2026, 12, 1)


def test_other_seats_change_the_burn_from_today():
    make_grant()
    make_member(plan="pro-plus")

    found = load().what_if({"pro-plus": 3})

    assert found.burn.seats_a_month == 120
    assert found.burn.at_once == 24  # two seats for 9 of 30 days


def test_a_currency_of_its_own():
    make_line("-10", record="Credit", currency="EUR")
    make_line("40", currency="EUR")
    make_grant("100", currency="EUR")

    assert load().currency == "EUR"
    assert load().runway.left == 90


def test_nothing_known_at_all_is_no_error():
    found = load(refreshed_at=None)

    assert found.runway.left == 0
    assert outlook.drawing(found) is None
