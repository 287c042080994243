"""Sums to the cent, from whatever record types AWS sends."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.models import Refresh
from billing.spending import spend
from billing.spending.periods import Period
from tests.billing.factories import make_bill, make_line

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ALL = Period(None, None, "all")
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("record", "usage", "part"),
    [
        ("FlatRateSubscription", "USE1-KiroEnterprise-Pro", "pro"),
        ("FlatRateSubscription", "EUC1-KiroEnterprise-ProPlus", "pro-plus"),
        ("FlatRateSubscription", "USE1-KiroEnterprise-ProMax", "pro-max"),
        ("FlatRateSubscription", "KiroEnterprise-Power", "power"),
        ("Usage", "USE1-KiroEnterprise-Credits", "overage"),
        ("Usage", "USE1-KiroEnterprise-Agents", "other"),
        ("EdpDiscount", "", "other"),
        ("Credit", "USE1-KiroEnterprise-Pro", "credits"),
        ("Refund", "USE1-KiroEnterprise-Pro", "refunds"),
        ("Tax", "USE1-KiroEnterprise-Credits", "tax"),
    ],
)
def test_each_line_has_its_part(record, usage, part):
    assert spend.part_of(record, usage) == part


def totals():
    return {currency: spend.total_of(sums) for currency, sums in spend.by_month(ALL).items()}


def test_gross_is_everything_but_credits_refunds_and_tax():
    make_bill()

    assert totals()["USD"].gross == Decimal(50)


def test_used_less_credits_is_paid():
    make_bill()

    total = totals()["USD"]

    assert (total.used, total.credits, total.net) == (Decimal("46.3"), Decimal(-45), Decimal("1.3"))


def test_an_unknown_record_type_counts_as_used():
    make_line("3", record="SomethingNew", usage="")

    assert totals()["USD"].gross == Decimal(3)


def test_currencies_are_kept_apart():
    make_line("40")
    make_line("35", currency="EUR")

    found = totals()

    assert {currency: sums.net for currency, sums in found.items()} == {"EUR": 35, "USD": 40}


def test_ten_decimals_add_up_exactly():
    for day in range(1, 31):
        make_line("0.3333333333", day=date(2026, 11, day))

    assert totals()["USD"].net == Decimal("9.9999999990")


def test_both_ends_of_a_period_are_in_it():
    for day in (9, 10, 11, 12):
        make_line("1", day=date(2026, 11, day))

    period = Period(date(2026, 11, 10), date(2026, 11, 11))

    assert list(spend.by_day(period)["USD"]) == [date(2026, 11, 10), date(2026, 11, 11)]


def test_a_month_is_the_sum_of_its_days():
    for day in (date(2028, 2, 1), date(2028, 2, 29), date(2028, 3, 1)):
        make_line("1.11", day=day)

    months = {start: sums.net for start, sums in spend.by_month(ALL)["USD"].items()}

    assert months == {date(2028, 2, 1): Decimal("2.22"), date(2028, 3, 1): Decimal("1.11")}


def test_one_estimated_line_makes_its_month_estimated():
    make_line("40")
    make_line("1", day=date(2026, 11, 2), estimated=True)

    assert spend.by_month(ALL)["USD"][date(2026, 11, 1)].is_estimated


@pytest.mark.parametrize("lines", [1, 30])
def test_sums_are_one_query_whatever_there_is(lines, django_assert_num_queries):
    for day in range(1, lines + 1):
        make_line(day=date(2026, 11, day))

    with django_assert_num_queries(1):
        spend.by_month(ALL)


@settings(deadline=None)  # a busy machine is no failure
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Usage", "Credit", "Tax", "Refund", "FlatRateSubscription", "New"]),
            st.decimals(-(10**6), 10**6, places=10),
        )
    )
)
def test_used_and_credits_always_make_the_net(lines):
    sums = spend.Sums()
    for record, amount in lines:
        sums.add(spend.part_of(record, "KiroEnterprise-Pro"), amount, is_estimated=False)

    assert sums.used + sums.credits == sums.net == sum((amount for _, amount in lines), Decimal(0))


# Freshness -------------------------------------------------------------------------------------


def make_refresh(outcome, *, hour, requests=1):
    at = NOW.replace(hour=hour)
    return Refresh.objects.create(
        outcome=outcome, asked_at=at, started_at=at, finished_at=at, requests=requests, paid_at=at
    )


def test_freshness_names_the_last_day_and_the_last_success():
    make_line(day=date(2026, 11, 21))
    done = make_refresh(Refresh.Outcome.DONE, hour=6)
    make_refresh(Refresh.Outcome.FAILED, hour=7)
    make_refresh(Refresh.Outcome.EMPTY, hour=8)

    fresh = spend.freshness(NOW)

    assert (fresh.data_to, fresh.refreshed_at) == (date(2026, 11, 21), done.finished_at)


def test_a_failure_after_the_last_success_is_trouble():
    make_refresh(Refresh.Outcome.DONE, hour=6)
    failed = make_refresh(Refresh.Outcome.FAILED, hour=7)

    assert spend.freshness(NOW).trouble == failed


def test_a_success_after_a_failure_ends_the_trouble():
    make_refresh(Refresh.Outcome.FAILED, hour=6)
    make_refresh(Refresh.Outcome.DONE, hour=7)

    assert spend.freshness(NOW).trouble is None


def test_what_cost_explorer_cost_is_counted_by_the_month():
    make_refresh(Refresh.Outcome.FAILED, hour=6, requests=2)
    make_refresh(Refresh.Outcome.DONE, hour=7, requests=3)
    Refresh.objects.create(
        outcome=Refresh.Outcome.DONE, requests=7, paid_at=datetime(2026, 10, 31, 23, 59, tzinfo=UTC)
    )

    assert spend.freshness(NOW).paid == Decimal("0.05")
