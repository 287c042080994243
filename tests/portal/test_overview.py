"""The founder's first page: what it says, with everything and with nothing."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Alert, IdleRules, Refresh
from billing.usage import freshness, idle
from onboarding.models import StepRecord
from onboarding.setup import guide
from portal.models import Workspace
from portal.pages import overview_team
from tests.billing.factories import make_bill, make_grant, make_line, make_reports, make_usage
from tests.factories import make_founder, make_member, make_workspace

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def browser(client):
    client.force_login(make_founder())
    return client


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.text))


def verified(days, **fields):
    """A member who needed so many days."""
    member = make_member(done=5, invited_at=NOW - timedelta(days=20), **fields)
    told_at = NOW - timedelta(days=20 - days)
    StepRecord.objects.filter(member=member, step="verify-plan").update(told_at=told_at)
    return member


def a_company():
    """Everything that the page can show, and a refresh that failed after the last good one."""
    make_workspace()
    make_grant("4800")
    for month in (9, 10, 11):
        make_bill(day=date(2026, month, 1))
    at = NOW - timedelta(hours=3)
    Refresh.objects.create(outcome="done", started_at=at, finished_at=at)
    Refresh.objects.create(outcome="failed", started_at=at, finished_at=at)
    Refresh.objects.create(outcome="under-way")
    Alert.objects.create(kind="budget", key="k", text="November is over budget.")
    verified(2)
    make_member(trouble="stuck", trouble_since=NOW)
    make_member(plan="power", directory_checked_at=NOW - timedelta(minutes=4))


# With nothing ------------------------------------------------------------------------------------


def test_an_empty_portal_says_what_to_do(browser):
    answer = browser.get("/")

    text = words(answer)
    assert answer.status_code == 200
    assert "AWS is not connected yet" in text
    assert "Add the first member" in text
    assert "Refresh the spend" in text
    assert "Read it from AWS or type it in" in text
    assert "the first verified plan starts the clock" in text
    assert "Spend not read yet" in text


def test_how_far_set_up_is_and_what_is_next(browser):
    make_workspace()

    text = words(browser.get("/"))

    assert "Set-up: 0 of 7 steps" in text
    assert "Next: Open IAM Identity Center" in text


def test_a_complete_set_up_is_one_line(browser, monkeypatch):
    make_workspace()
    monkeypatch.setattr("onboarding.setup.progress.of", lambda _: guide.Progress(7, 7, ""))

    text = words(browser.get("/"))

    assert "set-up complete, 7 of 7" in text
    assert "Next:" not in text


def test_people_without_spend(browser):
    make_workspace()
    make_member()

    text = words(browser.get("/"))

    assert "Seats 1 0 seen at work · $40.00 a month" in text
    assert "Not known yet" in text


def test_spend_without_people(browser):
    make_bill()

    assert "November, used $46.30" in words(browser.get("/"))


# The figures -------------------------------------------------------------------------------------


def test_this_month_is_three_numbers(browser):
    a_company()

    text = words(browser.get("/"))

    assert "November, used $46.30 $45.00 covered by credits · $1.30 paid" in text


def test_credits_left_and_until_when(browser):
    make_workspace()
    make_grant("400", expires=date(2027, 8, 31))
    for _ in range(2):
        make_member()

    text = words(browser.get("/"))

    assert "Credits left $400.00 last until 1 Apr 2027 , before they expire" in text


def test_credits_that_expire_first(browser):
    make_workspace()
    make_grant("400", expires=date(2026, 12, 31))

    text = words(browser.get("/"))

    assert "expire on 31 Dec , when $400.00 would lapse" in text


def test_how_long_people_take(browser):
    for days in (1, 2.4, 11):
        verified(days)

    assert "Invited to verified 2.4 days median of 3 · slowest 11 days" in words(browser.get("/"))


@pytest.mark.parametrize(
    ("days", "said"), [(1, "1 day"), (0.5, "12 hours"), (1 / 24, "1 hour"), (0.01, "14 min"), (-1, "0 min")]
)  # fmt: skip
def test_lengths_in_words_people_use(browser, days, said):
    verified(days)

    assert f"Invited to verified {said} median" in words(browser.get("/"))


def test_the_funnel(browser):
    verified(1)
    make_member(done=4)
    make_member()

    answer = browser.get("/")

    assert "Invited 3 Signed in 2 Verified 1 Working 0" in words(answer)
    assert 'width="67%"' in answer.text


def test_seats_are_those_who_have_one(browser):
    make_member()
    make_member(status="queued", seat_group_id="")

    assert "Seats 1 " in words(browser.get("/"))


def test_both_charts_are_there(browser):
    a_company()

    answer = browser.get("/").text

    assert 'aria-label="November: used $46.30' in answer
    assert "What is left of the credits" in answer
    assert "expires 31 Jan 2027" in answer


def test_how_fresh_it_is(browser):
    a_company()

    assert "Spend to 1 Nov, refreshed 3 h ago · team checked 4 min ago" in words(browser.get("/"))


def test_trouble_beyond_the_list_is_counted(browser):
    for _ in range(8):
        make_member(trouble="stuck", trouble_since=NOW)

    assert "2 more on the team board" in words(browser.get("/"))


def test_another_currency(browser):
    make_line("40", currency="EUR")

    assert "November, used €40.00" in words(browser.get("/"))


# What it costs -----------------------------------------------------------------------------------


@pytest.mark.parametrize("people", [0, 30])
def test_at_most_twelve_queries(browser, people):
    a_company()
    for number in range(people):
        verified(number % 7)
        make_member(trouble="stuck", trouble_since=NOW)
        make_grant(name=str(number))
        Alert.objects.create(kind="budget", key=str(number), text=str(number))

    with CaptureQueriesContext(connection) as queries:
        browser.get("/")

    assert len(queries) <= 12, "\n".join(query["sql"][:120] for query in queries)


def test_an_empty_portal_costs_no_more(browser):
    Workspace.load()

    with CaptureQueriesContext(connection) as queries:
        browser.get("/")

    assert len(queries) <= 12


@pytest.mark.parametrize("has_reports", [True, False])
def test_members_are_counted_in_one_pass(has_reports):
    """Nothing is counted anew for each of them, with or without reports of what they used."""
    if has_reports:
        make_reports(start=date(2026, 10, 20), end=date(2026, 11, 21))
    today = NOW.date()

    with CaptureQueriesContext(connection) as queries:
        overview_team.team(today, idle.gauge(freshness.load(), today=today))

    sql = queries[-1]["sql"]
    assert "DISTINCT" not in sql
    assert "SELECT" not in sql.partition("GROUP BY")[2]


# Seats -------------------------------------------------------------------------------------------


def test_seats_bought_used_and_idle_in_money(browser):
    make_workspace()
    long_ago = NOW - timedelta(days=90)
    make_reports(start=date(2026, 10, 20), end=date(2026, 11, 21))
    make_usage(make_member(invited_at=long_ago), date(2026, 11, 20))
    make_usage(make_member(done=5, invited_at=long_ago), date(2026, 10, 30))
    make_member(invited_at=long_ago, plan="power")

    text = words(browser.get("/"))

    assert "Seats 3 1 used in 14 days · 2 idle, $240.00 · $280.00 a month" in text


def test_without_reports_nobody_is_called_idle(browser):
    make_workspace()
    make_member(invited_at=NOW - timedelta(days=90))

    assert "Seats 1 0 seen at work" in words(browser.get("/"))


def test_other_rules_for_idle_count_here_too(browser):
    make_workspace()
    IdleRules.objects.create(pk=1, after_days=1, grace_days=0)
    member = make_member(invited_at=NOW - timedelta(days=90))
    make_usage(member, date(2026, 11, 18), date(2026, 11, 19))
    make_reports(start=date(2026, 11, 18), end=date(2026, 11, 21))

    assert "0 used in 1 day · 1 idle, $40.00" in words(browser.get("/"))
