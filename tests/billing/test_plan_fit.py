"""Which plan would fit better: the sums, both ways, and the page with its way to the change."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.usage import plan_fit
from billing.usage.plan_fit import Kind, Month
from onboarding.models import Plan
from tests.billing.factories import make_reports, make_usage
from tests.factories import get_plan, make_member

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)
PAGE = "/spend/seats/fit/"

PRO = Plan(
    pk=1, code="pro", name="Pro", price=Decimal(20), credits=1000, overage_price=Decimal("0.04")
)
PRO_PLUS = Plan(
    pk=2,
    code="pro-plus",
    name="Pro+",
    price=Decimal(40),
    credits=2000,
    overage_price=Decimal("0.04"),
)
PRO_MAX = Plan(
    pk=3,
    code="pro-max",
    name="Pro Max",
    price=Decimal(100),
    credits=5000,
    overage_price=Decimal("0.04"),
)
POWER = Plan(
    pk=4,
    code="power",
    name="Power",
    price=Decimal(200),
    credits=10000,
    overage_price=Decimal("0.04"),
)
PLANS = [PRO, PRO_PLUS, PRO_MAX, POWER]


def advise(plan, *needs):
    return plan_fit.advise(plan, [Decimal(need) for need in needs], PLANS)


# The sums ----------------------------------------------------------------------------------------


def test_little_used_for_three_months_needs_a_smaller_plan():
    advice = advise(PRO_PLUS, 280, 300, 260)

    assert (advice.kind, advice.plan, advice.percent, advice.saves) == (Kind.SMALLER, PRO, 14, 20)


def test_one_busy_month_keeps_the_plan():
    assert advise(PRO_PLUS, 280, 1500, 260) is None


@pytest.mark.parametrize(("busiest", "fits"), [(800, True), (801, False)])
def test_a_smaller_plan_has_a_quarter_to_spare(busiest, fits):
    assert bool(advise(PRO_PLUS, 100, busiest, 100)) is fits


def test_the_smallest_plan_that_holds_is_advised():
    assert advise(POWER, 1200, 1300, 1100).plan == PRO_PLUS


def test_overage_every_month_that_a_bigger_plan_makes_cheaper():
    advice = advise(PRO_PLUS, 4500, 4500, 4500)  # $40 + 2,500 × $0.04 = $140

    assert (advice.kind, advice.plan, advice.saves) == (Kind.BIGGER, PRO_MAX, 40)


def test_little_overage_every_month_is_cheaper_than_a_bigger_plan():
    advice = advise(PRO_PLUS, 2100, 2100, 2100)

    assert (advice.kind, advice.plan, advice.saves) == (Kind.OVERAGE, None, 0)
    assert advice.overage_price == 4


def test_overage_in_one_month_is_no_reason():
    assert advise(PRO_PLUS, 1900, 4500, 1900) is None


def test_who_used_nothing_is_idle_and_not_here():
    assert advise(PRO_PLUS, 0, 0, 0) is None


def test_another_currency_is_not_compared():
    euro = Plan(pk=9, price=Decimal(1), credits=9000, overage_price=Decimal(1), currency="EUR")

    assert plan_fit.advise(PRO, [Decimal(2000)] * 3, [PRO, euro]).plan is None


def test_overage_comes_on_top_of_the_allowance_however_the_report_counts():
    assert Month(Decimal(2300), Decimal(300), 2000).need == 2300
    assert Month(Decimal(2000), Decimal(300), 2000).need == 2300


@pytest.mark.parametrize(
    ("as_of", "first", "stretch"),
    [
        (date(2026, 11, 30), date(2026, 9, 1), 1),
        (date(2026, 11, 15), date(2026, 9, 1), 2),
        (date(2026, 11, 9), date(2026, 8, 1), 1),
        (date(2027, 1, 9), date(2026, 10, 1), 1),
    ],
)
def test_the_month_in_hand_counts_once_it_says_enough(as_of, first, stretch):
    window = plan_fit.window(as_of)

    assert (window.months[0], window.stretch) == (first, stretch)


# The page ----------------------------------------------------------------------------------------


@pytest.fixture
def browser(founders_browser):
    with time_machine.travel(NOW):
        yield founders_browser


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.text))


def three_months(who, credits, **fields):
    days = date(2026, 9, 7), date(2026, 10, 7), date(2026, 11, 20)
    make_usage(who, *days, credits=credits, **fields)


def read_all():
    make_reports(start=date(2026, 8, 30), end=date(2026, 11, 21))


def test_the_page_names_the_plan_and_the_saving(browser):
    three_months(make_member(invited_at=LONG_AGO), "280")
    read_all()

    text = words(browser.get(PAGE))

    assert "1 plan to change, saves $20.00 a month" in text
    assert "% of Pro+ for 3 months Pro would do $20.00" in text


def test_the_way_to_the_change_shows_what_it_means_first(browser):
    member = make_member(invited_at=LONG_AGO)
    three_months(member, "280")
    read_all()

    assert f'href="/team/{member.pk}/?plan=pro#plan"' in browser.get(PAGE).text
    text = words(browser.get(f"/team/{member.pk}/?plan=pro"))
    assert "Nothing has changed yet. Pro+ → Pro: $20.00 a month instead of $40.00" in text
    member.refresh_from_db()
    assert member.plan == get_plan("pro-plus")


@pytest.mark.parametrize("plan", ["none", "pro-plus", "\0", "x" * 300])
def test_no_such_change_shows_none(browser, plan):
    answer = browser.get(f"/team/{make_member().pk}/", {"plan": plan})

    assert answer.status_code == 200
    assert "Nothing has changed yet" not in answer.text


def test_who_came_in_between_is_not_compared(browser):
    member = make_member(invited_at=datetime(2026, 10, 1, tzinfo=UTC))
    make_usage(member, date(2026, 10, 7), date(2026, 11, 20), credits="100")
    read_all()

    assert "Every plan fits" in words(browser.get(PAGE))


def test_an_idle_seat_is_not_advised_a_smaller_plan(browser):
    make_usage(make_member(invited_at=LONG_AGO), date(2026, 9, 7), credits="100")
    read_all()

    assert "Every plan fits" in words(browser.get(PAGE))


def test_too_few_reports_say_so(browser):
    make_usage(make_member(invited_at=LONG_AGO), date(2026, 11, 20))

    text = words(browser.get(PAGE))

    assert "Plan fit takes reports of three months, from 1 Sep on. They begin on 20 Nov." in text


def test_without_any_report_it_says_how_to_begin(browser):
    assert "No report bucket yet" in words(browser.get(PAGE))


@pytest.mark.parametrize("count", [1, 20])
def test_queries_do_not_grow_with_the_team(browser, count):
    three_months([make_member(invited_at=LONG_AGO) for _ in range(count)], "280")
    read_all()

    with CaptureQueriesContext(connection) as queries:
        browser.get(PAGE)

    assert len(queries) <= 11
