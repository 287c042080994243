"""The gateway to Cost Explorer, against botocore's own model of it."""

from datetime import date
from decimal import Decimal

import pytest
from botocore.stub import Stubber

from billing.gateways import cost_explorer
from portal import aws

START, END = date(2026, 10, 1), date(2026, 12, 1)
ASKED = {
    "TimePeriod": {"Start": "2026-10-01", "End": "2026-12-01"},
    "Granularity": "DAILY",
    "Metrics": ["UnblendedCost", "UsageQuantity"],
    "GroupBy": [
        {"Type": "DIMENSION", "Key": "RECORD_TYPE"},
        {"Type": "DIMENSION", "Key": "USAGE_TYPE"},
    ],
    "Filter": {"Dimensions": {"Key": "SERVICE", "Values": ["Kiro"]}},
}


def page(amount="40", *, day="2026-11-01", token=None, **metric):
    metric = {"Amount": amount, "Unit": "USD", **metric}
    group = {
        "Keys": ["FlatRateSubscription", "USE1-KiroEnterprise-ProPlus"],
        "Metrics": {"UnblendedCost": metric},
    }
    answer = {
        "ResultsByTime": [
            {"TimePeriod": {"Start": day, "End": day}, "Groups": [group], "Estimated": True}
        ]
    }
    return {**answer, "NextPageToken": token} if token else answer


@pytest.fixture
def stub(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    aws.client.cache_clear()
    with Stubber(aws.client("ce", "us-east-1")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()
    aws.client.cache_clear()


def read():
    pages = cost_explorer.daily_costs(START, END, service="Kiro", on_request=lambda: None)
    return [cost for each in pages for cost in each.costs]


def test_a_line_comes_back_in_our_words(stub):
    stub.add_response("get_cost_and_usage", page("40.0000000001"), ASKED)

    assert read() == [
        cost_explorer.DailyCost(
            date=date(2026, 11, 1),
            record_type="FlatRateSubscription",
            usage_type="USE1-KiroEnterprise-ProPlus",
            amount=Decimal("40.0000000001"),
            currency="USD",
            is_estimated=True,
        )
    ]


def test_the_quantity_comes_with_the_cost(stub):
    answer = page("40")
    metrics = answer["ResultsByTime"][0]["Groups"][0]["Metrics"]
    metrics["UsageQuantity"] = {"Amount": "1300.5", "Unit": "N/A"}
    stub.add_response("get_cost_and_usage", answer, ASKED)

    assert [cost.quantity for cost in read()] == [Decimal("1300.5")]


def test_the_next_page_is_asked_for_with_the_same_parameters(stub):
    stub.add_response("get_cost_and_usage", page(token="two"), ASKED)
    stub.add_response(
        "get_cost_and_usage", page(day="2026-11-02"), {**ASKED, "NextPageToken": "two"}
    )

    assert [cost.date.day for cost in read()] == [1, 2]


def test_a_day_without_cost_gives_no_line(stub):
    day = {"TimePeriod": {"Start": "2026-11-01", "End": "2026-11-02"}, "Total": {}, "Groups": []}
    stub.add_response("get_cost_and_usage", {"ResultsByTime": [day]})

    assert read() == []


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "a lot", "", "10000000000"])
def test_an_amount_that_is_none_is_refused(stub, amount):
    stub.add_response("get_cost_and_usage", page(amount))

    with pytest.raises(aws.AwsError, match="UnexpectedAnswer"):
        read()


def test_throttling_is_told_apart(stub, monkeypatch):
    monkeypatch.setattr("portal.pacing.slow_down", lambda: None)
    stub.add_client_error("get_cost_and_usage", "LimitExceededException")

    with pytest.raises(aws.AwsThrottled):
        read()


def test_every_request_that_leaves_is_announced(source):
    source.has("2026-11-01", "1")
    source.has("2026-11-02", "2")
    source.page_size = 1
    charged = []

    def charge():
        charged.append(len(source.asked))

    list(cost_explorer.daily_costs(START, END, service="Kiro", on_request=charge))

    assert charged == [0, 1]


def test_the_sdks_second_attempt_is_announced_too(source):
    source.fails("InternalServerException", status=500)
    charged = []

    list(
        cost_explorer.daily_costs(START, END, service="Kiro", on_request=lambda: charged.append(1))
    )

    assert len(charged) == len(source.asked) == 2


def test_a_charge_that_is_refused_stops_the_request(source):
    def refuse():
        raise KeyError("no money left")

    with pytest.raises(KeyError):
        list(cost_explorer.daily_costs(START, END, service="Kiro", on_request=refuse))

    assert source.asked == []
