"""Reading the grants from AWS: what AWS says, all or nothing, and what a refusal looks like."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from billing import tasks
from billing.credit import readings
from billing.models import CreditGrant, CreditReading
from portal import jobs
from tests.billing.factories import make_grant
from tests.factories import make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def company(aws):
    make_workspace()


def read():
    reading = readings.ask()
    readings.carry_out(reading.pk)
    reading.refresh_from_db()
    return reading


def test_the_grants_come_as_aws_has_them(aws):
    credit = next(
        each
        for each in aws.client("billing").get_credits(
            accountId="123456789012", startDate=timezone.now() - timedelta(days=300)
        )["credits"]
        if each["initialAmount"]["currencyAmount"] == "4800.00"
    )

    reading = read()

    grant = CreditGrant.objects.get(credit_id=credit["creditId"])
    assert reading.outcome == "done"
    assert grant.amount == 4800
    assert grant.left_amount == Decimal(credit["estimatedAmount"]["currencyAmount"])
    assert (grant.name, grant.products) == (credit["description"], ["Kiro"])
    assert grant.expires_on == credit["endDate"].date()


def test_once_a_day_is_enough(monkeypatch):
    reading = read()
    asked = []
    monkeypatch.setattr(readings.credit_balance, "credits_of", lambda *_, **__: asked.append(1))

    tasks.read_credits_when_due()

    assert asked == []
    assert reading.next_try_at > timezone.now() + timedelta(hours=23)


def test_reading_twice_is_reading_once():
    read()
    before = list(CreditGrant.objects.values_list("pk", "left_amount"))

    read()

    assert list(CreditGrant.objects.values_list("pk", "left_amount")) == before


def test_what_aws_lists_no_more_is_gone_but_history_and_typed_ones_stay():
    make_grant(credit_id="moved away", expires=date(2099, 12, 31))
    make_grant(credit_id="long over", starts=date(2020, 1, 1), expires=date(2021, 12, 31))
    make_grant(name="typed")

    read()

    names = set(CreditGrant.objects.values_list("credit_id", flat=True))
    assert "moved away" not in names
    assert {"long over", ""} <= names


def test_a_refusal_says_which_permission_and_changes_nothing(aws):
    make_grant(credit_id="known", left_amount=Decimal(7), left_on=date(2026, 11, 1))
    aws.fault(operation="GetCredits", kind="deny")

    reading = read()

    assert reading.is_denied
    assert "billing:GetCredits" in reading.reason
    assert "type the grants in" in reading.reason
    assert CreditGrant.objects.get().left_amount == 7
    assert timezone.now() < reading.next_try_at <= timezone.now() + readings.AGAIN


def test_an_outage_is_tried_again_soon(aws):
    aws.fault(operation="GetCredits", kind="error", status=500, code="InternalServerException")

    reading = read()

    assert reading.outcome == "failed"
    assert "tries again by itself" in reading.reason
    assert reading.next_try_at < timezone.now() + timedelta(minutes=2)


def test_an_answer_that_makes_no_sense_changes_nothing(monkeypatch):
    make_grant(credit_id="known")
    monkeypatch.setattr(
        readings.credit_balance.Credit, "from_api", classmethod(lambda cls, _: {}["creditId"])
    )

    assert read().outcome == "failed"
    assert CreditGrant.objects.get().credit_id == "known"


def test_after_a_refusal_that_is_mended_the_reason_is_gone(aws):
    aws.fault(operation="GetCredits", kind="deny")
    read()
    aws.settle()

    reading = read()

    assert (reading.outcome, reading.reason) == ("done", "")


def test_two_workers_read_once():
    reading = readings.ask()
    held = jobs.claim(CreditReading, reading.pk)

    readings.carry_out(reading.pk)

    assert held is not None
    assert CreditReading.objects.get().outcome == "never"


def test_the_task_makes_the_first_reading():
    tasks.read_credits_when_due()

    assert CreditReading.objects.get().outcome == "done"
    assert CreditGrant.objects.exists()
