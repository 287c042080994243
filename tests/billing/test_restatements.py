"""What AWS tells otherwise later is kept, with what it said before."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from billing.models import CostLine, Restatement
from billing.spending import refreshes

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime(2026, 11, 12, 6, 10, tzinfo=UTC)) as traveller:
        yield traveller


def refresh_now():
    refresh = refreshes.ask(now=timezone.now(), has_cool_down=False)
    refreshes.carry_out(refresh.pk)


def restated():
    return list(Restatement.objects.order_by("date", "what").values_list("date", "what", "before", "after"))  # fmt: skip


def test_a_day_that_was_over_and_changed(source, clock):
    source.has("2026-11-11", "38.20")
    refresh_now()
    source.lines = []
    source.has("2026-11-11", "40.00")
    clock.shift(timedelta(days=1))

    refresh_now()

    assert restated() == [(date(2026, 11, 11), "used", Decimal("38.20"), 40)]
    assert Restatement.objects.get().at.date() == date(2026, 11, 13)
    assert CostLine.objects.get().amount == 40


def test_a_day_that_was_not_over_only_goes_on(source, clock):
    source.has("2026-11-12", "1")
    refresh_now()
    source.has("2026-11-12", "5", usage="USE1-KiroEnterprise-Credits")
    clock.shift(timedelta(days=1))

    refresh_now()

    assert restated() == []


def test_the_first_reading_restates_nothing(source):
    source.has("2026-10-01", "40")

    refresh_now()

    assert restated() == []


def test_credits_that_arrive_late_are_told_apart(source, clock):
    source.has("2026-11-01", "40")
    refresh_now()
    source.has("2026-11-01", "-40", record="Credit")
    clock.shift(timedelta(days=3))

    refresh_now()

    assert restated() == [(date(2026, 11, 1), "credits", 0, 40)]


def test_a_day_that_vanishes_and_one_that_comes_late(source, clock):
    source.has("2026-11-03", "7")
    source.has("2026-11-05", "1")
    refresh_now()
    source.lines = source.lines[1:]
    source.has("2026-11-04", "9")
    clock.shift(timedelta(hours=6))

    refresh_now()

    assert restated() == [
        (date(2026, 11, 3), "used", 7, 0),
        (date(2026, 11, 4), "used", 0, 9),
    ]


def test_less_than_a_cent_is_no_restatement(source, clock):
    source.has("2026-11-03", "7.001")
    refresh_now()
    source.lines = []
    source.has("2026-11-03", "7.002")
    clock.shift(timedelta(hours=6))

    refresh_now()

    assert restated() == []


def test_currencies_are_kept_apart(source, clock):
    source.has("2026-11-03", "7")
    source.has("2026-11-03", "7", unit="EUR")
    refresh_now()
    source.lines = source.lines[:1]
    source.has("2026-11-03", "8", unit="EUR")
    clock.shift(timedelta(hours=6))

    refresh_now()

    assert Restatement.objects.get().currency == "EUR"


def test_a_failed_refresh_restates_nothing(source, clock):
    source.has("2026-11-03", "7")
    refresh_now()
    clock.shift(timedelta(hours=6))
    source.fails("AccessDeniedException")

    refresh_now()

    assert restated() == []


def test_the_page_says_it_in_a_sentence(source, clock, founders_browser):
    source.has("2026-11-11", "38.20")
    source.has("2026-11-11", "-38.20", record="Credit")
    refresh_now()
    source.lines = []
    source.has("2026-11-11", "40.00")
    clock.shift(timedelta(days=1))
    refresh_now()

    answer = founders_browser.get("/spend/").text

    assert "11 Nov was restated from $38.20 to $40.00 on 13 Nov." in answer
    assert "Credits of 11 Nov were restated from $38.20 to $0.00 on 13 Nov." in answer
    assert "restated" not in founders_browser.get("/spend/?period=last-month").text
