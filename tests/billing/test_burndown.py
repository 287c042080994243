"""The burn-down as numbers: where its lines, marks and labels stand."""

from datetime import date
from decimal import Decimal

from billing.credit import burndown
from billing.credit.burndown import Spent

JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))


def usd(amount):
    return Decimal(amount)


def draw(past, future, **options):
    values = {"ends_on": None, "expiries": {}, "end_label": "ends", "currency": "USD", **options}
    return burndown.draw(past, future, **values)


def test_the_past_ends_where_the_future_begins():
    drawn = draw([(JAN, usd(100)), (FEB, usd(50))], [(FEB, usd(50)), (MAR, usd(0))])

    assert drawn.past.split("L")[-1] == drawn.future[1:].split("L")[0]
    assert drawn.past.startswith("M0 0")
    assert drawn.future.endswith("1000 100")
    assert drawn.now_y == 50


def test_both_dates_are_marked_where_they_are():
    drawn = draw(
        [(JAN, usd(100))],
        [(JAN, usd(100)), (FEB, usd(0))],
        ends_on=FEB,
        expiries={MAR: "expires 1 Mar"},
    )

    assert drawn.end.x < drawn.expiries[0].x == 100
    assert (drawn.end.anchor, drawn.expiries[0].anchor) == ("start", "end")


def test_of_expiries_close_together_the_last_keeps_its_label():
    ends = {date(2026, 12, 30): "first", date(2026, 12, 31): "second"}

    drawn = draw([(JAN, usd(100))], [(JAN, usd(100))], expiries=ends)

    assert [mark.label for mark in drawn.expiries] == ["", "second"]


def test_each_balance_can_be_pointed_at_and_they_leave_no_gap():
    drawn = draw([(JAN, usd(100)), (FEB, usd(50))], [(FEB, usd(50)), (APR, usd(0))])

    assert [point.text for point in drawn.points] == [
        "1 Jan 2026: $100.00 left",
        "1 Feb 2026: $50.00 left",
        "1 Apr 2026: $0.00 left",
    ]
    assert sum(point.slot_width for point in drawn.points) == 100


def test_one_single_day_can_be_drawn():
    assert draw([(JAN, usd(5))], [(JAN, usd(5))]).points[0].slot_width == 0


def test_a_grant_that_lapses_falls_straight_down():
    balances = [(date(2026, 1, day), usd(100 if day < 20 else 0)) for day in range(2, 32)]

    kept = burndown.sampled(balances, until=date(2026, 1, 31), sudden=[date(2026, 1, 20)])

    assert kept == [
        (date(2026, 1, 2), 100),
        (date(2026, 1, 19), 100),
        (date(2026, 1, 20), 0),
        (date(2026, 1, 31), 0),
    ]


def test_the_past_begins_with_the_whole_grant():
    grant = Spent(JAN, usd(60), {JAN: usd(20), FEB: usd(20)})

    assert burndown.history([grant], as_of=date(2026, 2, 15), since=date(2025, 1, 1)) == [
        (JAN, 100),
        (FEB, 60),
        (date(2026, 2, 15), 60),
    ]


def test_a_second_grant_lifts_the_past_on_its_first_day():
    grants = [Spent(JAN, usd(50), {}), Spent(date(2026, 1, 20), usd(100), {})]

    found = burndown.history(grants, as_of=FEB, since=date(2025, 1, 1))

    assert found == [
        (JAN, 50),
        (date(2026, 1, 19), 50),
        (date(2026, 1, 20), 150),
        (FEB, 150),
    ]


def test_a_grant_to_come_is_not_in_the_past():
    found = burndown.history([Spent(MAR, usd(50), {})], as_of=FEB, since=JAN)

    assert found == [(FEB, 0)]
