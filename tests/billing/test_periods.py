"""Periods by name and by date, at the edges of the calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.forms import PeriodForm
from billing.spending import periods, schedule

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("this-month", date(2026, 11, 1), date(2026, 11, 30)),
        ("last-month", date(2026, 10, 1), date(2026, 10, 31)),
        ("3m", date(2026, 9, 1), date(2026, 11, 30)),
        ("12m", date(2025, 12, 1), date(2026, 11, 30)),
        ("all", None, None),
    ],
)
def test_named_periods_are_whole_months(name, start, end):
    period = periods.named(name, today=TODAY)

    assert (period.start, period.end) == (start, end)


@pytest.mark.parametrize(
    ("today", "start", "end"),
    [
        (date(2027, 1, 31), date(2026, 12, 1), date(2026, 12, 31)),
        (date(2028, 3, 31), date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_last_month_over_new_year_and_leap_day(today, start, end):
    period = periods.named("last-month", today=today)

    assert (period.start, period.end) == (start, end)


@pytest.mark.parametrize(
    ("name", "is_by_day"), [("last-month", True), ("3m", False), ("all", False)]
)
def test_months_are_shown_by_day_and_longer_ones_by_month(name, is_by_day):
    assert periods.named(name, today=TODAY).is_by_day is is_by_day


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 400))
def test_the_months_of_a_stretch_hold_each_of_its_days_once(first, length):
    last = first + timedelta(days=length)

    months = periods.months(first, last)

    assert months == sorted({day.replace(day=1) for day in periods.days(first, last)})


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"period": "fortnight"}, "no such period"),
        ({"period": "\x00"}, ""),
        ({"from": "yesterday"}, "2026-11-21"),
        ({"from": "2026-02-30"}, "2026-11-21"),
        ({"to": "2026-13-01"}, "2026-11-21"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "after the last"),
        ({"from": "99999-01-01"}, "2026-11-21"),
        ({"from": "-1", "to": "9" * 10_000}, "2026-11-21"),
        ({"from": "2026-01-01\x00"}, "2026-11-21"),
    ],
)
def test_nonsense_gets_a_sentence_and_the_usual_period(asked, sentence):
    form = PeriodForm(asked, today=TODAY)

    assert form.chosen.name == periods.DEFAULT
    assert sentence in " ".join(form.sentences)
    assert form.sentences


def test_own_dates_win_over_a_name():
    form = PeriodForm({"period": "3m", "from": "2026-01-05", "to": "2026-01-09"}, today=TODAY)

    assert form.chosen == periods.Period(date(2026, 1, 5), date(2026, 1, 9))


def test_a_first_day_alone_reaches_to_today():
    assert PeriodForm({"from": "2026-11-05"}, today=TODAY).chosen.end == TODAY


def test_a_period_stands_in_the_url_as_it_was_asked_for():
    asked = {"from": "2026-01-05", "to": "2026-01-09"}

    assert PeriodForm(asked, today=TODAY).chosen.query == "from=2026-01-05&to=2026-01-09"


@given(st.integers(0, 10 * 366 * 86400))
def test_now_lies_between_two_scheduled_moments(seconds):
    now = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)

    before, after = schedule.before(now), schedule.after(now)

    assert before <= now < after
    assert after - before <= timedelta(hours=12)
