"""A member's usage: on their own page, and on the founder's page about them."""

import re
from datetime import UTC, date, datetime

import pytest
import time_machine

from portal import panels
from tests.billing.factories import make_report_file, make_usage
from tests.factories import make_member, make_workspace

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW):
        yield


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.text))


@pytest.fixture
def member(db):
    make_workspace()
    return make_member()


def own_page(client, member):
    client.force_login(member.user)
    return client.get("/checklist/")


def test_a_member_sees_this_month_and_the_last_active_day(client, member):
    make_usage(member, date(2026, 11, 19), date(2026, 11, 20), credits="320")

    text = words(own_page(client, member))

    assert "Your usage in November" in text
    assert "640 of 2,000 credits 32%" in text
    assert "Last active 20 Nov · 2 days this month, 8 messages" in text
    assert "Activity to 20 Nov" in text


def test_a_member_sees_nobody_elses(client, member):
    make_usage(make_member(), date(2026, 11, 20), credits="777")

    text = words(own_page(client, member))

    assert "777" not in text
    assert "No activity in Kiro’s report yet" in text


def test_before_any_report_there_is_no_panel(client, member):
    assert "Your usage" not in words(own_page(client, member))


def test_the_way_to_what_is_stored_is_always_there(client, member):
    assert 'href="/checklist/data.json"' in own_page(client, member).text
    make_report_file(day=date(2026, 11, 20))
    assert 'href="/checklist/data.json"' in own_page(client, member).text


def test_a_founder_sees_it_by_month(founders_browser, member):
    make_usage(member, date(2026, 9, 9), credits="100")
    make_usage(member, date(2026, 11, 20), credits="2100", overage="100", client="KIRO_CLI")

    text = words(founders_browser.get(f"/team/{member.pk}/"))

    assert "November 2026 CLI · 1 day · 4 messages 2,100 of 2,000 · 100 overage, $4.00" in text
    assert "October 2026 – 0 of 2,000" in text
    assert "September 2026 IDE" in text


def test_a_year_at_most(founders_browser, member):
    make_usage(member, date(2025, 10, 9), date(2025, 12, 9))

    text = words(founders_browser.get(f"/team/{member.pk}/"))

    assert "December 2025" in text
    assert "October 2025" not in text


def test_a_provider_registered_twice_is_one(monkeypatch):
    monkeypatch.setattr(panels, "_PROVIDERS", {})

    for _ in range(2):
        panels.register("somewhere", lambda_of)

    assert panels.of("somewhere", None) == [panels.Panel("t.html", 1)]


def lambda_of(_member):
    return panels.Panel("t.html", 1)
