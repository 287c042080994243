"""The credits page: what it says, what can be typed in, for whom, and what bad input does."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing.models import CreditGrant, CreditReading
from portal import jobs
from portal.models import AuditEvent
from tests.billing.factories import make_grant, make_line
from tests.factories import make_member, make_user

pytestmark = pytest.mark.django_db

PAGE = "/spend/credits/"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TYPED = {
    "name": "AWS promotion - Kiro Pro Plus 2026",
    "amount": "4800",
    "left_amount": "",
    "currency": "USD",
    "starts_on": "2026-02-01",
    "expires_on": "2027-01-31",
    "products": "Kiro",
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def enqueued(monkeypatch):
    heard = []
    monkeypatch.setattr(jobs, "enqueue", lambda model, pks: heard.append((model, pks)) or len(pks))
    return heard


def words(response):
    """What stands on the page, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.text))


def a_company():
    """$80 a month from $400: December to April, and in May nothing is left."""
    make_grant("400", expires=date(2027, 8, 31))
    make_line("0.01", day=date(2026, 11, 20), record="Usage")
    for _ in range(2):
        make_member()


# What it says ------------------------------------------------------------------------------------


def test_when_the_credits_end_and_what_is_billed_then(founders_browser):
    a_company()

    text = words(founders_browser.get(PAGE))

    assert "Credits left $400.00" in text
    assert "Credits end 1 Apr 2027 used up, before they expire on 31 Aug 2027" in text
    assert "Would lapse $0.00" in text
    assert "Billed a month after $80.00 from 1 May 2027" in text


def test_credits_that_expire_unused(founders_browser):
    make_grant("400", expires=date(2026, 12, 31))

    text = words(founders_browser.get(PAGE))

    assert "Credits end 31 Dec the day they expire" in text
    assert "Would lapse $400.00" in text
    assert "$400.00 would lapse" in text


def test_the_chart_has_both_dates(founders_browser):
    a_company()

    answer = founders_browser.get(PAGE).text

    assert "expires 31 Aug 2027" in answer
    assert "ends 1 Apr 2027" in answer
    assert 'aria-label="1 Jan 2027: $240.00 left"' in answer


def test_how_it_is_made_is_said(founders_browser):
    a_company()

    text = words(founders_browser.get(PAGE))

    assert "$80.00 for seats on the first of each month" in text
    assert "overage as in the last 28 days" in text


def test_what_credits_paid_each_month(founders_browser):
    make_grant()
    make_line("-40", day=date(2026, 10, 1), record="Credit")
    make_line("-50", day=date(2026, 11, 1), record="Credit", estimated=True)

    text = words(founders_browser.get(PAGE))

    assert "November 2026 estimated AWS promotion - Kiro Pro Plus 2026 $50.00" in text
    assert "October 2026 AWS promotion - Kiro Pro Plus 2026 $40.00" in text


def test_credits_on_the_bill_without_a_grant_are_pointed_out(founders_browser):
    make_line("-40", day=date(2026, 11, 1), record="Credit")

    assert "Credits paid $40.00 in the last 60 days that no grant" in words(
        founders_browser.get(PAGE)
    )


def test_more_seats_billed_than_known_here_are_pointed_out(founders_browser):
    make_line("480", day=date(2026, 11, 1))

    assert "AWS has billed $480.00 for seats this month" in words(founders_browser.get(PAGE))


def test_without_anything_it_says_what_to_do(founders_browser):
    text = words(founders_browser.get(PAGE))

    assert "No credit grant yet" in text
    assert "billing:GetCredits" in text


def test_a_refusal_names_the_permission_and_offers_typing(founders_browser):
    CreditReading.objects.create(
        pk=1, outcome="denied", reason="Allow billing:GetCredits.", tried_at=timezone.now()
    )

    answer = founders_browser.get(PAGE)

    assert "Allow billing:GetCredits. Tried just now" in words(answer)
    assert 'name="expires_on"' in answer.text


def test_names_are_escaped(founders_browser):
    make_grant(name="<script>alert(1)</script>")

    assert "<script>alert" not in founders_browser.get(PAGE).text


# What if -----------------------------------------------------------------------------------------


def test_other_seats_are_in_the_url(founders_browser):
    a_company()

    text = words(founders_browser.get(f"{PAGE}?pro-plus=4"))

    assert "Credits end 1 Feb 2027" in text  # 400 − 24 at once − 160 − 160, and 56 of 160
    assert "59 days sooner" in text
    assert "A month then costs $160.00 (+$80.00). This month $24.00 more" in text


def test_another_plan_too(founders_browser):
    a_company()

    text = words(founders_browser.get(f"{PAGE}?pro=2&pro-plus=0"))

    assert "longer" in text
    assert "A month then costs $40.00 (−$40.00)" in text


def test_a_company_of_thousands_may_ask_too(founders_browser):
    a_company()

    answer = founders_browser.get(f"{PAGE}?pro-plus=5000")

    assert 'role="alert"' not in answer.text


@pytest.mark.parametrize("query", ["pro-plus=-1", "pro-plus=many", "pro=100001", "pro-plus=9e9"])
def test_what_if_nonsense_is_said_and_the_present_shown(founders_browser, query):
    a_company()

    answer = founders_browser.get(f"{PAGE}?{query}")

    assert answer.status_code == 200
    assert 'role="alert"' in answer.text
    assert "Credits end 1 Apr 2027" in words(answer)


# Typing in ---------------------------------------------------------------------------------------


def test_a_grant_is_typed_in(founders_browser, founder):
    answer = founders_browser.post(PAGE, TYPED)

    grant = CreditGrant.objects.get()
    assert answer.url == PAGE
    assert (grant.amount, grant.products, grant.typed_by) == (4800, ["Kiro"], founder)
    assert AuditEvent.objects.get(action="credits.added").detail["amount"] == "4800.00"


def test_what_is_left_is_dated_to_the_day_it_was_typed(founders_browser):
    founders_browser.post(PAGE, {**TYPED, "left_amount": "1934.00"})

    grant = CreditGrant.objects.get()
    assert (grant.left_amount, grant.left_on) == (1934, NOW.date())


def test_the_same_grant_twice_is_one(founders_browser):
    founders_browser.post(PAGE, TYPED)

    answer = founders_browser.post(PAGE, TYPED)

    assert answer.status_code == 422
    assert "listed already" in answer.text
    assert CreditGrant.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"expires_on": "2026-01-31"}, "The last day lies before the first."),
        ({"left_amount": "4800.01"}, "More than was granted."),
        ({"amount": "0"}, "At least 0.01."),
        ({"amount": "NaN"}, "Write a number"),
        ({"amount": "9" * 40}, "digits"),
        ({"currency": "$"}, "Three capital letters"),
        ({"starts_on": "1.2.2026"}, "A day is written like"),
        ({"expires_on": ""}, "Fill this in"),
        ({"name": "x" * 201}, "At most 200 characters; these are 201."),
    ],
)
def test_a_wrong_field_says_so_beside_it(founders_browser, fields, sentence):
    answer = founders_browser.post(PAGE, {**TYPED, **fields})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert not CreditGrant.objects.exists()


def test_a_typed_grant_is_changed(founders_browser):
    grant = make_grant(left_amount=Decimal(100), left_on=date(2026, 11, 1))

    founders_browser.post(f"{PAGE}{grant.pk}/", {**TYPED, "left_amount": "100", "amount": "960"})

    grant.refresh_from_db()
    assert grant.amount == 960
    assert grant.left_on == date(2026, 11, 1)  # nobody looked again


def test_the_form_shows_what_was_typed(founders_browser):
    grant = make_grant("960", products=["Kiro", "Amazon EC2"])

    answer = founders_browser.get(f"{PAGE}{grant.pk}/").text

    assert 'value="960.00"' in answer
    assert 'value="2027-01-31"' in answer
    assert 'value="Kiro, Amazon EC2"' in answer


def test_a_typed_grant_is_removed_and_the_log_keeps_it(founders_browser):
    grant = make_grant()

    founders_browser.post(f"{PAGE}{grant.pk}/remove/")

    assert not CreditGrant.objects.exists()
    assert AuditEvent.objects.get(action="credits.removed").detail["name"] == grant.name


@pytest.mark.parametrize("end", ["", "remove/"])
def test_what_aws_tells_is_not_ours_to_change(founders_browser, end):
    grant = make_grant(credit_id="8592034417")

    assert founders_browser.post(f"{PAGE}{grant.pk}/{end}", TYPED).status_code == 404
    assert CreditGrant.objects.exists()


def test_asking_aws_is_left_to_a_worker(
    founders_browser, enqueued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = founders_browser.post(f"{PAGE}read/")

    assert answer.url == PAGE
    assert enqueued == [(CreditReading, [1])]


# For whom ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}read/", f"{PAGE}1/", f"{PAGE}1/remove/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_founders_find_it(client, founder, path, method):
    assert getattr(client, method)(path).status_code == 302
    client.force_login(make_user())

    assert getattr(client, method)(path).status_code == 404


def test_looking_changes_nothing(founders_browser):
    founders_browser.get(PAGE)

    assert not CreditReading.objects.exists()


@pytest.mark.parametrize("count", [1, 30])
def test_queries_do_not_grow_with_what_there_is(founders_browser, count):
    for number in range(count):
        make_grant(name=f"{number}")
        make_line("-1", day=date(2026, 10, 1 + number), record="Credit")
        make_member()

    with CaptureQueriesContext(connection) as queries:
        founders_browser.get(PAGE)

    assert len(queries) <= 13
