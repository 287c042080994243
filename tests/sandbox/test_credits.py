"""The Billing API's credits, consistent with the bill."""

import datetime as dt
from decimal import Decimal

import pytest
from botocore.exceptions import ClientError

from portal.sandbox import company

NOW = dt.datetime.now(dt.UTC)
YEAR_AGO = NOW - dt.timedelta(days=364)


@pytest.fixture
def billing(sandbox):
    return sandbox.client("billing")


def amount(money):
    return Decimal(money["currencyAmount"])


def growth_grant(billing):
    found = billing.get_credits(accountId=company.ACCOUNT_ID, startDate=YEAR_AGO)["credits"]
    return next(
        credit for credit in found if credit["initialAmount"]["currencyAmount"] == "4800.00"
    )


def test_the_kiro_grant_is_there_beside_an_unrelated_one(billing):
    found = billing.get_credits(accountId=company.ACCOUNT_ID, startDate=YEAR_AGO)["credits"]

    kiro = growth_grant(billing)
    assert kiro["description"].startswith("AWS promotion - Kiro Pro Plus")
    assert kiro["applicableProductNames"] == ["Kiro"]
    assert any("Kiro" not in credit["applicableProductNames"] for credit in found)


def test_what_is_left_is_what_the_bill_did_not_use(sandbox, billing):
    grant = growth_grant(billing)
    credit_rows = {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit"]}}
    kiro = {"Dimensions": {"Key": "SERVICE", "Values": ["Kiro"]}}
    answer = sandbox.client("ce").get_cost_and_usage(
        TimePeriod={
            "Start": str(grant["startDate"].date()),
            "End": str(NOW.date() + dt.timedelta(days=1)),
        },
        Granularity="MONTHLY",
        Metrics=["UnblendedCost"],
        Filter={"And": [kiro, credit_rows]},
    )
    used = sum(
        Decimal(result["Total"]["UnblendedCost"]["Amount"]) for result in answer["ResultsByTime"]
    )

    assert abs(amount(grant["initialAmount"]) + used - amount(grant["estimatedAmount"])) < Decimal(
        "0.01"
    )
    assert amount(grant["remainingAmount"]) > amount(grant["estimatedAmount"]) > 0


def test_the_history_adds_up_to_what_was_used(billing):
    grant = growth_grant(billing)

    history = billing.get_credit_allocation_history(
        accountId=company.ACCOUNT_ID,
        creditId=int(grant["creditId"]),
        startDate=YEAR_AGO,
        endDate=NOW,
    )["creditAllocationHistoryList"]

    used = sum(amount(entry["creditAmount"]) for entry in history)
    assert abs(amount(grant["initialAmount"]) + used - amount(grant["estimatedAmount"])) < Decimal(
        "0.10"
    )
    assert history[-1]["isEstimatedBill"] is True


def test_a_bill_that_began_today_is_in_what_ends_a_second_later(billing):
    """The range is one of moments, and its end is left out."""
    first = NOW.replace(day=1, hour=0, minute=0, second=0, microsecond=0)

    def months(end):
        answer = billing.get_credit_allocation_history(
            accountId=company.ACCOUNT_ID, startDate=YEAR_AGO, endDate=end
        )
        return {entry["billingMonth"] for entry in answer["creditAllocationHistoryList"]}

    later = months(first + dt.timedelta(seconds=1))
    assert later - months(first) == {f"{NOW:%Y-%m}"}


def test_the_history_comes_in_pages(billing):
    paginator = billing.get_paginator("get_credit_allocation_history")
    wanted = {"accountId": company.ACCOUNT_ID, "startDate": YEAR_AGO, "endDate": NOW}

    pages = list(paginator.paginate(**wanted, PaginationConfig={"PageSize": 10}))

    whole = billing.get_credit_allocation_history(**wanted)["creditAllocationHistoryList"]
    assert len(pages) > 2
    assert [entry for page in pages for entry in page["creditAllocationHistoryList"]] == whole


@pytest.mark.parametrize("days", [400, -2])
def test_credits_are_asked_for_the_past_year_only(billing, days):
    with pytest.raises(billing.exceptions.ValidationException):
        billing.get_credits(accountId=company.ACCOUNT_ID, startDate=NOW - dt.timedelta(days=days))


def test_another_accounts_credits_are_refused(billing):
    with pytest.raises(billing.exceptions.AccessDeniedException):
        billing.get_credits(accountId="999999999999", startDate=YEAR_AGO)


def test_what_moves_money_is_not_offered(billing):
    with pytest.raises(ClientError) as caught:
        billing.list_billing_views()

    assert caught.value.response["Error"]["Code"] == "UnknownOperationException"
