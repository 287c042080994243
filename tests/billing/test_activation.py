"""From the invitation to work: counts, medians, who never came so far."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.usage import activation
from billing.usage.activation import Life
from onboarding.models import StepRecord
from tests.billing.factories import make_report_file, make_usage
from tests.factories import make_member

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
START = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
PAGE = "/spend/seats/activation/"


@pytest.fixture
def browser(founders_browser):
    with time_machine.travel(NOW):
        yield founders_browser


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.text))


def life(*days):
    """When each stage was reached, in days from the start; None where it was not."""
    return Life(None, tuple(None if day is None else START + timedelta(days=day) for day in days))


def test_each_stage_is_counted_of_the_invited():
    found = activation.measure(
        [life(0, 1, 2, 3), life(0, 1, None, None), life(0, None, None, None)], now=NOW
    )

    assert [(stage.count, stage.percent) for stage in found.stages] == [
        (3, 100),
        (2, 67),
        (1, 33),
        (1, 33),
    ]


def test_medians_are_from_stage_to_stage():
    found = activation.measure([life(0, 1, 1, 2), life(0, 3, 5, 5), life(0, 2, 4, None)], now=NOW)

    assert [stage.days for stage in found.stages] == [None, 2, 2, 0.5]
    assert found.days == 3.5


def test_who_was_there_before_needed_no_time():
    assert activation.measure([life(5, 1, 2, 3)], now=NOW).days == 0


def test_a_stage_that_was_skipped_is_no_length_of_time():
    assert [s.days for s in activation.measure([life(0, None, 4, 5)], now=NOW).stages] == [
        None,
        None,
        None,
        1,
    ]


def test_who_never_worked_stands_there_longest_first():
    waiting = activation.measure(
        [life(3, None, None, None), life(0, 1, None, None), life(0, 1, 2, 3)], now=NOW
    ).waiting

    assert [each.reached for each in waiting] == ["Signed in", "Invited"]


def test_the_page_tells_all_four(browser):
    member = make_member(done=5, invited_at=START)
    StepRecord.objects.filter(member=member).update(told_at=START + timedelta(days=2))
    make_usage(member, date(2026, 11, 5))
    make_member(given_name="Never", family_name="Came", invited_at=START)

    text = words(browser.get(PAGE))

    assert "Invited 2 100%" in text
    assert "Signed in 1 50% · 2.0 days after the stage before" in text
    assert "Working 1 50% · 2.0 days after the stage before" in text
    assert "1 never worked" in text
    assert "Never Came" in text


def test_a_stage_that_somebody_reached_in_unknown_time_is_not_called_empty(browser):
    make_usage(make_member(invited_at=START), START.date())

    text = words(browser.get(PAGE))

    assert "Working 1 100% · time not known" in text
    assert "less than two hours from the invitation to work, median" in text


def test_nobody_at_all(browser):
    make_report_file(day=date(2026, 11, 20))

    assert "Everybody works" in words(browser.get(PAGE))


def test_without_reports_nobody_is_said_to_have_never_worked(browser):
    make_member()

    assert "never worked" not in words(browser.get(PAGE))


@pytest.mark.parametrize("count", [1, 30])
def test_queries_do_not_grow_with_the_team(browser, count):
    make_usage([make_member(done=5) for _ in range(count)], date(2026, 11, 5))
    for _ in range(count):
        make_member()

    with CaptureQueriesContext(connection) as queries:
        browser.get(PAGE)

    assert len(queries) <= 10
