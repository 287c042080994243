"""Which causes are due, and that each is told once, shown until seen, and gone when it is over."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core import mail

from billing import tasks
from billing.alerts import causes, raising
from billing.alerts.causes import Expiry, Facts
from billing.credit.credits import Grant, runway
from billing.models import Alert, Budget, Refresh
from billing.spending.burn import Burn
from billing.spending.spend import CREDITS, OVERAGE, Sums
from portal.mailing import notices
from portal.models import JobRun, Notice
from tests.billing.factories import make_grant, make_line
from tests.factories import make_founder, make_member, make_user, make_workspace

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
NOV, OCT, SEP = date(2026, 11, 1), date(2026, 10, 1), date(2026, 9, 1)


def sums(used, covered, *, is_estimated=False):
    found = Sums()
    found.add(OVERAGE, Decimal(used), is_estimated=is_estimated)
    found.add(CREDITS, -Decimal(covered), is_estimated=is_estimated)
    return found


CALM = Facts(
    now=NOW,
    currency="USD",
    runway=runway([], Burn(), as_of=TODAY),
    newest_grant=0,
    expiries=(),
    months={month: sums(100, 100) for month in (SEP, OCT, NOV)},
    seats=3,
    budget=None,
    refreshed_at=NOW - timedelta(hours=3),
    waiting_since=NOW - timedelta(days=300),
    trouble="",
)


def keys(**facts):
    return [cause.key for cause in causes.due(replace(CALM, **facts))]


def text(**facts):
    (cause,) = causes.due(replace(CALM, **facts))
    return cause.text


def used_up_in(days):
    """Credits that are used up so many days from now."""
    grant = Grant(1, Decimal(days), date(2026, 1, 1), date(2029, 1, 1))
    return runway([grant], Burn(overage_a_day=Decimal(1)), as_of=TODAY)


# What is due -------------------------------------------------------------------------------------


def test_all_is_calm():
    assert keys() == []


@pytest.mark.parametrize(
    ("days", "threshold"),
    [(61, None), (60, 60), (31, 60), (30, 30), (15, 30), (14, 14), (8, 14), (7, 7), (1, 7)],
)
def test_the_end_of_the_credits_is_told_at_each_threshold(days, threshold):
    expected = [f"credits-end:5:{threshold}"] if threshold else []

    assert keys(runway=used_up_in(days), newest_grant=5) == expected


def test_the_end_says_when_and_what_then():
    assert text(runway=used_up_in(30)) == (
        "The credits end on 22 December 2026, in 30 days: $30.00 is left. "
        "After that $31.00 a month is billed."
    )


@pytest.mark.parametrize(
    ("days", "threshold"), [(61, None), (60, 60), (30, 30), (14, 14), (7, 7), (0, 7)]
)
def test_an_expiry_with_something_to_lapse_is_told_at_each_threshold(days, threshold):
    day = TODAY + timedelta(days=days)
    expected = [f"grant-expires:9:{day}:{threshold}"] if threshold else []

    assert keys(expiries=(Expiry(9, "Growth", day, Decimal(50)),)) == expected


def test_a_grant_that_is_used_up_in_time_expires_in_silence():
    assert keys(expiries=(Expiry(9, "Growth", TODAY, Decimal(0)),)) == []


def test_the_first_charge():
    months = {SEP: sums(100, 100), OCT: sums(100, 100), NOV: sums(120, 100, is_estimated=True)}

    assert keys(months=months) == ["net-charge:2026-11"]
    assert text(months=months) == (
        "AWS charges $20.00 for Kiro in November 2026: $120.00 used, $100.00 covered by credits, "
        "the first month that is not covered in full. AWS may still change this month."
    )


def test_a_charge_month_after_month_is_not_the_first():
    months = {SEP: sums(9, 0), OCT: sums(9, 0), NOV: sums(9, 0)}

    assert keys(months=months) == []


def test_a_charge_that_came_late_for_last_month():
    months = {SEP: sums(9, 9), OCT: sums(9, 5), NOV: sums(9, 9)}

    assert keys(months=months) == ["net-charge:2026-10"]


def test_a_fraction_of_a_cent_is_no_charge():
    months = {OCT: sums(9, 9), NOV: sums("9.004", 9)}

    assert keys(months=months) == []


@pytest.mark.parametrize(
    ("used", "reached"),
    [("374.99", None), ("375", 75), ("449.99", 75), ("450", 90), ("500", 100), ("900", 100)],
)
def test_the_budget_at_each_threshold(used, reached):
    expected = [f"budget:2026-11:500.00:{reached}"] if reached else []

    assert keys(months={NOV: sums(used, used)}, budget=Decimal(500)) == expected


def test_what_credits_cover_counts_against_the_budget():
    assert text(months={NOV: sums(480, 480)}, budget=Decimal(500)) == (
        "November has used $480.00, 96% of the budget of $500.00 a month."
    )


def test_spend_without_seats():
    assert keys(seats=0) == ["no-seats:2026-11"]
    assert keys(seats=0, months={}) == []


@pytest.mark.parametrize(("hours", "is_due"), [(36, False), (37, True)])
def test_old_figures(hours, is_due):
    found = keys(refreshed_at=NOW - timedelta(hours=hours))

    assert bool(found) is is_due


def test_old_figures_say_why():
    since = NOW - timedelta(hours=48)

    assert text(refreshed_at=since, trouble="Cost Explorer gave no answer.") == (
        "The spend is 48 hours old. Cost Explorer gave no answer."
    )
    assert text(refreshed_at=None, waiting_since=since).startswith("The spend was never read")


def test_a_portal_that_never_asked_is_not_late():
    assert keys(refreshed_at=None, waiting_since=None) == []


# Telling -----------------------------------------------------------------------------------------


@pytest.fixture
def company(db):
    make_workspace()
    with time_machine.travel(NOW, tick=False):
        yield make_founder()


def refreshed(at=NOW):
    return Refresh.objects.create(outcome="done", started_at=at, finished_at=at, asked_at=at)


def a_full_month():
    """$450 of a budget of $500."""
    refreshed()
    make_line("450", day=NOV)
    make_line("-450", day=NOV, record="Credit")
    make_member()
    Budget.objects.create(pk=1, amount=500)


@pytest.mark.both_databases
def test_each_founder_gets_one_mail_however_often_it_is_looked(company):
    a_full_month()
    make_founder()
    make_user()

    for _ in range(3):
        raising.raise_due(NOW)

    assert Alert.objects.count() == 1
    assert Notice.objects.filter(kind=raising.NOTICE).count() == 2


def test_the_mail_says_it_and_leads_to_the_page(company):
    a_full_month()
    raising.raise_due(NOW)

    notices.send(Notice.objects.get().pk)

    (letter,) = mail.outbox
    assert letter.to == [company.email]
    assert letter.subject == "Budget: Kiro at Northwind Labs"
    assert "November has used $450.00, 90% of the budget" in letter.body
    assert "/spend/" in letter.body
    assert "November has used" in letter.alternatives[0].content


def test_the_next_threshold_takes_the_place_of_the_last(company):
    a_full_month()
    raising.raise_due(NOW)
    make_line("50", day=TODAY)
    make_line("-50", day=TODAY, record="Credit")

    raising.raise_due(NOW)

    assert [alert.key for alert in Alert.objects.open()] == ["budget:2026-11:500.00:100"]
    assert Alert.objects.count() == 2


def test_the_text_goes_with_the_time_but_not_the_mail(company):
    a_full_month()
    raising.raise_due(NOW)
    make_line("1", day=TODAY)
    make_line("-1", day=TODAY, record="Credit")

    raising.raise_due(NOW)

    assert "$451.00" in Alert.objects.get().text
    assert Notice.objects.count() == 1


def test_what_is_over_is_not_shown_and_not_mailed_any_more(company):
    a_full_month()
    raising.raise_due(NOW)
    Budget.objects.all().delete()

    raising.raise_due(NOW)
    notices.send(Notice.objects.get().pk)

    assert not Alert.objects.to_show().exists()
    assert mail.outbox == []


def test_the_same_cause_again_is_shown_again_but_not_mailed_again(company):
    a_full_month()
    raising.raise_due(NOW)
    Budget.objects.all().delete()
    raising.raise_due(NOW)
    Budget.objects.create(pk=1, amount=500)

    assert raising.raise_due(NOW) == []

    assert Alert.objects.to_show().count() == 1
    assert Notice.objects.count() == 1


def test_who_is_no_founder_any_more_gets_no_mail(company):
    a_full_month()
    raising.raise_due(NOW)
    company.role = "member"
    company.save()

    notices.send(Notice.objects.get().pk)

    assert mail.outbox == []


def test_a_second_grant_makes_the_end_a_new_cause(company):
    refreshed()
    make_grant("60", expires=date(2028, 12, 31))
    make_member(plan="pro-plus")
    raising.raise_due(NOW)
    make_grant("20", expires=date(2028, 12, 31), name="second")

    raising.raise_due(NOW)

    assert Alert.objects.filter(kind="credits-end").count() == 2


def test_facts_of_a_company_with_everything(company):
    a_full_month()
    make_grant("5000", expires=date(2026, 12, 31))

    facts = raising.gather(NOW)

    assert facts.seats == 1
    assert facts.budget == 500
    assert facts.expiries[0].lapses == 5000 - 450 - 40
    assert facts.months[NOV].used == 450


def test_facts_of_an_empty_portal(company):
    assert causes.due(raising.gather(NOW)) == []


# Pages -------------------------------------------------------------------------------------------


def test_an_alert_stands_on_the_overview_until_it_is_seen(client, company):
    a_full_month()
    (alert,) = raising.raise_due(NOW)
    client.force_login(company)
    assert alert.text in client.get("/").text

    answer = client.post(f"/spend/alerts/{alert.pk}/seen/")

    assert answer.url == "/"
    assert alert.text not in client.get("/").text
    assert Alert.objects.get().seen_by == company


def test_seen_once_is_seen_by_the_first(client, company):
    alert = Alert.objects.create(kind="budget", key="k", text="t")
    other = make_founder()
    raising.mark_seen(alert, by=company, now=NOW)

    raising.mark_seen(alert, by=other, now=NOW)

    assert Alert.objects.get().seen_by == company


def test_the_credits_page_lists_what_was_told(client, company):
    Alert.objects.create(kind="budget", key="k", text="November is over budget.", ended_at=NOW)
    client.force_login(company)

    assert "November is over budget." in client.get("/spend/credits/").text


@pytest.mark.parametrize("path", ["/spend/alerts/1/seen/", "/spend/budget/"])
def test_only_founders_may(client, company, path):
    Alert.objects.create(pk=1, kind="budget", key="k", text="t")
    assert client.post(path).status_code == 302
    client.force_login(company)
    assert client.get(path).status_code == 405
    client.force_login(make_user())

    assert client.post(path).status_code == 404
    assert Alert.objects.get().seen_at is None


def test_an_alert_that_is_not_there(client, company):
    client.force_login(company)

    assert client.post("/spend/alerts/99/seen/").status_code == 404


def test_the_task_leaves_a_trace(company):
    a_full_month()

    tasks.raise_alerts()

    assert Alert.objects.count() == 1
    assert JobRun.objects.filter(name="raise_alerts").exists()
