"""Which grant paid what: forwards where a grant begins full, backwards from a known balance."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from billing.credit.attribution import Purse, attribute

JAN, FEB, MAR = (date(2026, month, 1) for month in (1, 2, 3))


def purse(key, amount, *, first=JAN, last=date(2026, 12, 31), is_known=False):
    return Purse(key, Decimal(amount), first, last, (last, first, key), is_known)


def test_the_grant_that_expires_first_pays_first():
    used = attribute([purse(1, 100), purse(2, 50, last=MAR)], {JAN: Decimal(40), FEB: Decimal(40)})

    assert used == {2: {JAN: 40, FEB: 10}, 1: {FEB: 30}}


def test_a_grant_pays_nothing_outside_its_days():
    used = attribute([purse(1, 100, first=FEB, last=FEB)], dict.fromkeys([JAN, FEB, MAR], 10))

    assert used == {1: {FEB: 10}}


def test_what_is_known_to_be_used_is_spread_backwards():
    """The bills begin in January, but the first grant had paid before."""
    used = attribute(
        [purse(1, 960, last=date(2026, 6, 30), is_known=True), purse(2, 70, is_known=True)],
        {JAN: Decimal(50), FEB: Decimal(50), MAR: Decimal(50)},
    )

    assert used == {2: {MAR: 50, FEB: 20}, 1: {FEB: 30, JAN: 50}}


def test_without_a_grant_nobody_paid():
    assert attribute([], {JAN: Decimal(10)}) == {}


amounts = st.integers(0, 10_000).map(Decimal)
days = st.dates(date(2026, 1, 1), date(2026, 3, 31))


@settings(deadline=None)
@given(
    purses=st.lists(st.tuples(amounts, days, days, st.booleans()), max_size=4),
    spent=st.dictionaries(days, amounts, max_size=10),
)
def test_no_day_and_no_grant_pays_more_than_it_has(purses, spent):
    made = [
        purse(key, amount, first=min(a, b), last=max(a, b), is_known=is_known)
        for key, (amount, a, b, is_known) in enumerate(purses)
    ]

    used = attribute(made, spent)

    assert all(sum(used[each.key].values()) <= each.amount for each in made)
    for day, amount in spent.items():
        assert sum(by_day.get(day, 0) for by_day in used.values()) <= amount
