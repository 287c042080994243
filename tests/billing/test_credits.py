"""How long credits last: companies worked out by hand, and what must hold for every company."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.credit.credits import Grant, upgrade, walk
from billing.credit.credits import runway as runway_of
from billing.spending.burn import Burn

JAN_1 = date(2026, 1, 1)


def usd(amount):
    return Decimal(str(amount))


def grant(left, *, starts=date(2025, 1, 1), expires, key=1):
    return Grant(key, usd(left), starts, expires)


def runway(*grants, as_of, **burn):
    amounts = {
        name: usd(value) if name != "is_tax_covered" else value for name, value in burn.items()
    }
    return runway_of(grants, Burn(**amounts), as_of=as_of)


# Five companies, by hand -------------------------------------------------------------------------


def test_two_seats_and_the_starter_grant_last_exactly_a_year():
    """12 × 2 × $40 = $960: the first of January to the first of December, then nothing is left."""
    found = runway(
        grant(960, expires=date(2026, 12, 31)), as_of=date(2025, 12, 31), seats_a_month=80
    )

    assert found.ends_on == date(2026, 12, 1)
    assert found.is_used_up
    assert found.lapses == 0
    assert found.billed_from == date(2027, 1, 1)
    assert found.billed_a_month == 80


def test_ten_seats_from_the_middle_of_a_month():
    """Granted on 16 June, 15 of 30 days: $200 of June; $4,600 left is 11 months of $400 and $200.

    July to May are 11 payments, $4,400; on 1 June the last $200 pay half, and $200 are billed.
    """
    at_once = upgrade([], [usd(40)] * 10, today=date(2026, 6, 16))
    assert at_once == 200

    found = runway(
        grant(4800, starts=date(2026, 6, 16), expires=date(2027, 6, 15)),
        as_of=date(2026, 6, 15),
        seats_a_month=400,
        at_once=at_once,
    )

    assert found.ends_on == date(2027, 6, 1)
    assert found.billed_from == date(2027, 6, 1)
    assert found.lapses == 0


def test_two_grants_the_one_that_expires_first_pays_first():
    """$100 a month. The first, $350 until 15 March, pays January to March; $50 of it lapse. The
    second, $1,000, pays from April: ten months, the last on 1 January.
    """
    found = runway(
        grant(350, expires=date(2026, 3, 15), key=1),
        grant(1000, expires=date(2027, 12, 31), key=2),
        as_of=date(2025, 12, 31),
        seats_a_month=100,
    )

    assert found.lapses == 50
    assert found.lapses_by_grant == {1: 50}
    assert found.ends_on == date(2027, 1, 1)
    assert found.billed_from == date(2027, 2, 1)


def test_thirty_seats_with_overage_and_tax():
    """30 × $40 = $1,200 on the first; overage $2 a day with 10% tax: $2.20 a day.

    $2,500 at the end of 31 January. February: 1,200 + 28 × 2.20 = 1,261.60, leaves 1,238.40.
    On 1 March 1,202.20 more, leaves 36.20: 16 days of 2.20 are 35.20, and on 18 March the last
    dollar goes, with 1.20 to pay.
    """
    found = runway(
        grant(2500, expires=date(2026, 12, 31)),
        as_of=date(2026, 1, 31),
        seats_a_month=1200,
        overage_a_day=2,
        overage_tax="0.1",
    )

    assert found.ends_on == date(2026, 3, 18)
    assert found.billed_from == date(2026, 3, 18)
    assert found.billed_a_month == 1200 + usd("2.2") * 30


def test_credits_that_outlive_their_expiry():
    """$5,000 and two seats: from July to December 6 × $80 = $480 are used, $4,520 lapse."""
    found = runway(
        grant(5000, expires=date(2026, 12, 31)), as_of=date(2026, 6, 30), seats_a_month=80
    )

    assert found.ends_on == date(2026, 12, 31)
    assert not found.is_used_up
    assert found.lapses == 4520
    assert found.billed_from == date(2027, 1, 1)


def test_a_plan_change_in_the_middle_of_a_month():
    """2 of 4 Pro+ become Power on 21 November: 2 × $160 for 10 of 30 days is $106.67 at once."""
    now, then = [usd(40)] * 4, [usd(40)] * 2 + [usd(200)] * 2
    at_once = upgrade(now, then, today=date(2026, 11, 21))
    assert at_once == usd("106.67")

    found = runway(
        grant(1000, expires=date(2027, 10, 31)),
        as_of=date(2026, 11, 20),
        seats_a_month=sum(then),
        at_once=at_once,
    )

    # 1000 − 106.67 = 893.33; December 480 leaves 413.33; January needs 480.
    assert found.ends_on == date(2027, 1, 1)


# Edges -------------------------------------------------------------------------------------------


def test_no_credits_at_all():
    found = runway(as_of=date(2026, 11, 21), seats_a_month=80)

    assert (found.left, found.ends_on) == (0, None)
    assert found.billed_from == date(2026, 12, 1)
    assert found.billed_a_month == 80


def test_nobody_uses_them():
    found = runway(grant(100, expires=date(2026, 12, 31)), as_of=date(2026, 11, 21))

    assert found.ends_on == date(2026, 12, 31)
    assert found.lapses == 100
    assert found.billed_from is None


def test_a_grant_without_a_last_day_that_nobody_uses_has_no_end():
    found = runway(grant(100, expires=None), as_of=date(2026, 11, 21))

    assert found.ends_on is None
    assert found.left == 100


def test_on_its_last_day_a_grant_is_still_there():
    day = date(2026, 12, 31)

    found = runway(grant(100, expires=day), as_of=day, seats_a_month=80)

    assert (found.left, found.ends_on, found.lapses) == (100, day, 100)


def test_an_expired_grant_counts_for_nothing():
    found = runway(grant(100, expires=date(2026, 11, 20)), as_of=date(2026, 11, 21))

    assert (found.left, found.ends_on) == (0, None)


def test_a_grant_to_come_pays_from_its_first_day():
    found = runway(
        grant(80, expires=date(2027, 6, 30), key=1),
        grant(80, starts=date(2027, 2, 1), expires=date(2027, 12, 31), key=2),
        as_of=date(2026, 11, 21),
        seats_a_month=80,
    )

    # December by the first, January by nobody, February by the second.
    assert found.billed_from == date(2027, 1, 1)
    assert found.ends_on == date(2027, 2, 1)


def test_tax_that_credits_do_not_pay_does_not_use_them_up():
    def month(*, is_tax_covered):
        return runway(
            grant(240, expires=date(2027, 12, 31)),
            as_of=date(2025, 12, 31),
            seats_a_month=80,
            seat_tax="0.2",
            is_tax_covered=is_tax_covered,
        )

    assert month(is_tax_covered=False).ends_on == date(2026, 3, 1)
    assert month(is_tax_covered=False).lapses == 0
    assert month(is_tax_covered=True).ends_on == date(2026, 3, 1)  # 96 + 96 + 48
    assert month(is_tax_covered=True).billed_from == date(2026, 3, 1)
    assert month(is_tax_covered=False).billed_from == date(2026, 4, 1)


def test_the_29th_of_february_is_a_day_of_overage():
    found = runway(grant(29, expires=date(2028, 12, 31)), as_of=date(2028, 1, 31), overage_a_day=1)

    assert found.ends_on == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("now", "then", "today", "cost"),
    [
        ([40], [40], date(2026, 11, 1), 0),
        ([40], [40, 40], date(2026, 11, 1), 40),  # a whole month
        ([40], [40, 40], date(2026, 11, 30), "1.33"),  # one day of 30
        ([40, 40], [40], date(2026, 11, 1), 0),  # the plan runs to the month's end
        ([40], [20], date(2026, 11, 1), 0),  # downgrade: from the next month
        ([40], [200], date(2026, 11, 16), 80),  # upgrade: at once
        ([40, 40], [200, 20], date(2026, 11, 16), 80),  # one up, one down
        ([], [40], date(2028, 2, 29), "1.38"),
    ],
)
def test_what_a_change_costs_this_month(now, then, today, cost):
    found = upgrade([usd(each) for each in now], [usd(each) for each in then], today=today)

    assert found == usd(cost)


# What must hold for every company ----------------------------------------------------------------

cents = st.integers(0, 500_000).map(lambda count: Decimal(count) / 100)
days = st.integers(0, 500).map(lambda count: JAN_1 + timedelta(days=count))


@st.composite
def some_grants(draw):
    found = []
    for key in range(draw(st.integers(0, 4))):
        starts = draw(days)
        expires = draw(
            st.none() | st.integers(0, 500).map(lambda n, s=starts: s + timedelta(days=n))
        )
        found.append(Grant(key, draw(cents), starts, expires))
    return found


burns = st.builds(
    Burn,
    seats_a_month=cents,
    overage_a_day=st.integers(0, 2000).map(lambda count: Decimal(count) / 100),
    overage_tax=st.sampled_from([Decimal(0), Decimal("0.1")]),
    is_tax_covered=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(grants=some_grants(), burn=burns, length=st.integers(0, 900))
def test_applied_and_lapsed_and_left_are_the_grant(grants, burn, length):
    found = walk(grants, burn, as_of=JAN_1, until=JAN_1 + timedelta(days=length))

    for each in grants:
        applied, lapsed = found.applied.get(each.key, 0), found.lapsed.get(each.key, 0)
        assert applied + lapsed + found.left[each.key] == each.left


@settings(max_examples=60, deadline=None)
@given(grants=some_grants(), burn=burns, more=cents, at_once=cents)
def test_more_seats_never_lengthen_the_runway(grants, burn, more, at_once):
    dearer = Burn(
        seats_a_month=burn.seats_a_month + more,
        overage_a_day=burn.overage_a_day,
        overage_tax=burn.overage_tax,
        is_tax_covered=burn.is_tax_covered,
        at_once=at_once,
    )

    before = runway_of(grants, burn, as_of=JAN_1)
    after = runway_of(grants, dearer, as_of=JAN_1)

    assert (after.ends_on or date.max) <= (before.ends_on or date.max)
    assert (after.billed_from or date.max) <= (before.billed_from or date.max)
    assert after.lapses <= before.lapses


@given(now=st.lists(cents, max_size=6), then=st.lists(cents, max_size=6), price=cents, today=days)
def test_another_seat_never_costs_less_this_month(now, then, price, today):
    assert upgrade(now, [*then, price], today=today) >= upgrade(now, then, today=today)
