"""Cost Explorer: every parameter of a request is honoured, and the sample bill adds up."""

import datetime as dt
from decimal import Decimal

import pytest
from botocore.exceptions import ClientError

from portal.sandbox import company, history

TODAY = dt.datetime.now(dt.UTC).date()
TOMORROW = TODAY + dt.timedelta(days=1)
START = history.month_start(TODAY, -14)
KIRO = {"Dimensions": {"Key": "SERVICE", "Values": ["Kiro"]}}


@pytest.fixture
def ce(sandbox):
    return sandbox.client("ce", parameter_validation=False)


def query(start=START, end=TOMORROW, by=(), **changes):
    return {
        "TimePeriod": {"Start": str(start), "End": str(end)},
        "Granularity": "MONTHLY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": key} for key in by],
        **changes,
    }


def rows(answer):
    """(start, keys) → amount"""
    return {
        (result["TimePeriod"]["Start"], *group["Keys"]): Decimal(
            group["Metrics"]["UnblendedCost"]["Amount"]
        )
        for result in answer["ResultsByTime"]
        for group in result["Groups"]
    }


def total(answer):
    return sum(
        Decimal(result["Total"]["UnblendedCost"]["Amount"]) for result in answer["ResultsByTime"]
    )


def code_of(call, **parameters):
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return caught.value.response["Error"]["Code"]


def test_the_end_is_exclusive(ce):
    first = history.month_start(TODAY, -2)
    second = first + dt.timedelta(days=1)

    answer = ce.get_cost_and_usage(**query(first, second, Granularity="DAILY"))

    periods = [result["TimePeriod"] for result in answer["ResultsByTime"]]
    assert periods == [{"Start": str(first), "End": str(second)}]


def test_days_add_up_to_their_months(ce):
    start, end = history.month_start(TODAY, -3), history.month_start(TODAY, 0)

    days = ce.get_cost_and_usage(**query(start, end, Granularity="DAILY"))
    months = ce.get_cost_and_usage(**query(start, end))

    assert len(months["ResultsByTime"]) == 3
    assert len(days["ResultsByTime"]) == (end - start).days
    assert total(days) == total(months)


def test_a_period_within_a_month_is_a_partial_month(ce):
    start = history.month_start(TODAY, -2) + dt.timedelta(days=9)
    end = history.month_start(TODAY, -1) + dt.timedelta(days=4)

    answer = ce.get_cost_and_usage(**query(start, end))

    periods = [tuple(result["TimePeriod"].values()) for result in answer["ResultsByTime"]]
    turn = str(history.month_start(TODAY, -1))
    assert periods == [(str(start), turn), (turn, str(end))]


def test_a_total_is_there_only_without_groups(ce):
    plain = ce.get_cost_and_usage(**query())["ResultsByTime"][0]
    grouped = ce.get_cost_and_usage(**query(by=["SERVICE"]))["ResultsByTime"][0]

    assert plain["Total"]["UnblendedCost"]["Unit"] == "USD"
    assert plain["Groups"] == []
    assert grouped["Total"] == {}
    assert grouped["Groups"]


def test_groups_of_two_dimensions_add_up_to_the_total(ce):
    grouped = ce.get_cost_and_usage(**query(by=["RECORD_TYPE", "USAGE_TYPE"], Filter=KIRO))

    assert sum(rows(grouped).values()) == total(ce.get_cost_and_usage(**query(Filter=KIRO)))
    assert {len(keys) for keys in rows(grouped)} == {3}


def test_a_filter_by_service_leaves_other_services_out(ce):
    everything = {keys[1] for keys in rows(ce.get_cost_and_usage(**query(by=["SERVICE"])))}
    kiro = {keys[1] for keys in rows(ce.get_cost_and_usage(**query(by=["SERVICE"], Filter=KIRO)))}

    assert kiro == {"Kiro"}
    assert {"Kiro", "Tax", "Amazon Simple Storage Service"} < everything


def test_kiro_has_every_kind_of_record(ce):
    found = rows(ce.get_cost_and_usage(**query(by=["RECORD_TYPE"], Filter=KIRO)))

    kinds = {keys[1] for keys in found}
    assert kinds == {"FlatRateSubscription", "Usage", "Credit", "Tax", "Refund"}
    assert all(amount < 0 for keys, amount in found.items() if keys[1] in ("Credit", "Refund"))


def test_seat_fees_have_the_usage_types_of_their_plans(ce):
    fees = {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["FlatRateSubscription"]}}

    found = rows(ce.get_cost_and_usage(**query(by=["USAGE_TYPE"], Filter={"And": [KIRO, fees]})))

    assert {keys[1] for keys in found} == {plan.usage_type for plan in company.PLANS}


def test_credits_cover_all_but_one_early_month(ce):
    answer = ce.get_cost_and_usage(**query(Filter=KIRO))

    nets = [
        Decimal(result["Total"]["UnblendedCost"]["Amount"]) for result in answer["ResultsByTime"]
    ]
    assert len(nets) == 15
    assert [net > 0 for net in nets].count(True) == 1
    assert [net < 0 for net in nets].count(True) == 1  # the refund of a part of it
    assert nets[-6:] == [0] * 6


def test_the_team_grows_from_five_seats_to_twelve(ce):
    fees = {
        "And": [KIRO, {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["FlatRateSubscription"]}}]
    }

    answer = ce.get_cost_and_usage(**query(Filter=fees, Metrics=["UsageQuantity"]))

    seats = [
        Decimal(result["Total"]["UsageQuantity"]["Amount"]) for result in answer["ResultsByTime"]
    ]
    assert (seats[0], seats[-1]) == (5, 12)


def test_not_and_or_are_honoured(ce):
    other = {"Dimensions": {"Key": "SERVICE", "Values": ["Tax"]}}

    both = ce.get_cost_and_usage(**query(by=["SERVICE"], Filter={"Or": [KIRO, other]}))
    neither = ce.get_cost_and_usage(**query(by=["SERVICE"], Filter={"Not": {"Or": [KIRO, other]}}))

    assert {keys[1] for keys in rows(both)} == {"Kiro", "Tax"}
    assert not {keys[1] for keys in rows(neither)} & {"Kiro", "Tax"}


def test_the_linked_account_is_the_company(ce):
    mine = {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [company.ACCOUNT_ID]}}
    other = {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": ["999999999999"]}}

    assert total(ce.get_cost_and_usage(**query(Filter=mine))) == total(
        ce.get_cost_and_usage(**query())
    )
    assert total(ce.get_cost_and_usage(**query(Filter=other))) == 0


def test_all_metrics_are_answered(ce):
    metrics = [
        "UnblendedCost",
        "NetUnblendedCost",
        "AmortizedCost",
        "BlendedCost",
        "NetAmortizedCost",
    ]

    answer = ce.get_cost_and_usage(
        **query(Metrics=[*metrics, "UsageQuantity", "NormalizedUsageAmount"])
    )

    found = answer["ResultsByTime"][0]["Total"]
    assert len({found[metric]["Amount"] for metric in metrics}) == 1
    assert found["UsageQuantity"]["Unit"] == "N/A"


def test_this_month_is_estimated_and_older_ones_are_final(ce):
    answer = ce.get_cost_and_usage(**query())

    flags = [result["Estimated"] for result in answer["ResultsByTime"]]
    assert flags[-1] is True
    assert flags[-2] is (TODAY.day < 5)
    assert not any(flags[:-2])


def test_future_days_are_empty(ce):
    answer = ce.get_cost_and_usage(
        **query(TOMORROW, TOMORROW + dt.timedelta(days=3), by=["SERVICE"], Granularity="DAILY")
    )

    assert [result["Groups"] for result in answer["ResultsByTime"]] == [[], [], []]


@pytest.mark.parametrize(
    "changes",
    [
        {"start": TODAY, "end": TODAY},
        {"start": START - dt.timedelta(days=1)},
        {"start": "2026-02-30"},
        {"Granularity": "HOURLY"},
        {"Granularity": "WEEKLY"},
        {"Metrics": ["Nonsense"]},
        {"Metrics": []},
        {"by": ["SERVICE", "RECORD_TYPE", "USAGE_TYPE"]},
        {"by": ["OPERATION"]},
        {"Filter": {}},
        {"Filter": {"And": [KIRO]}},
        {"Filter": {**KIRO, "Not": KIRO}},
        {"Filter": {"Dimensions": {"Key": "SERVICE", "Values": []}}},
        {"Filter": {"Tags": {"Key": "team", "Values": ["a"]}}},
    ],
)
def test_a_request_outside_the_rules_is_refused(ce, changes):
    assert code_of(ce.get_cost_and_usage, **query(**changes)) == "ValidationException"


def test_pages_together_are_the_whole(sandbox, ce):
    wanted = query(by=["RECORD_TYPE", "USAGE_TYPE"], Filter=KIRO, Granularity="DAILY")
    whole = rows(ce.get_cost_and_usage(**wanted))
    sandbox.control("POST", "cost-explorer", {"page_size": 100})

    found, token, pages = {}, {}, 0
    while pages == 0 or token:
        page = ce.get_cost_and_usage(**wanted, **token)
        found |= rows(page)
        token = {"NextPageToken": page["NextPageToken"]} if "NextPageToken" in page else {}
        pages += 1

    assert pages > 2
    assert found == whole


def test_a_token_is_good_for_its_own_request_only(sandbox, ce):
    sandbox.control("POST", "cost-explorer", {"page_size": 5})
    token = ce.get_cost_and_usage(**query(by=["SERVICE"]))["NextPageToken"]

    assert (
        code_of(ce.get_cost_and_usage, **query(by=["RECORD_TYPE"]), NextPageToken=token)
        == "RequestChangedException"
    )
    assert (
        code_of(ce.get_cost_and_usage, **query(), NextPageToken="nonsense")
        == "InvalidNextTokenException"
    )


def test_the_usual_refresh_is_one_page(ce):
    start = history.month_start(TODAY, -1)

    answer = ce.get_cost_and_usage(
        **query(start, by=["RECORD_TYPE", "USAGE_TYPE"], Granularity="DAILY", Filter=KIRO)
    )

    assert "NextPageToken" not in answer


def test_dimension_values_are_those_of_the_bill(ce):
    period = {"Start": str(START), "End": str(TOMORROW)}

    services = ce.get_dimension_values(TimePeriod=period, Dimension="SERVICE", SearchString="kir")
    kinds = ce.get_dimension_values(
        TimePeriod=period, Dimension="RECORD_TYPE", Filter=KIRO, MaxResults=2
    )

    assert [item["Value"] for item in services["DimensionValues"]] == ["Kiro"]
    assert (kinds["ReturnSize"], kinds["TotalSize"], "NextPageToken" in kinds) == (2, 5, True)


def test_a_forecast_goes_on_from_the_last_months(ce):
    end = history.month_start(TODAY, 2)
    fees = {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["FlatRateSubscription"]}}

    answer = ce.get_cost_forecast(
        TimePeriod={"Start": str(TODAY), "End": str(end)},
        Metric="UNBLENDED_COST",
        Granularity="MONTHLY",
        Filter=fees,
    )

    parts = answer["ForecastResultsByTime"]
    assert sum(Decimal(part["MeanValue"]) for part in parts) == Decimal(answer["Total"]["Amount"])
    assert 300 < Decimal(parts[-1]["MeanValue"]) < 700


def test_without_history_there_is_no_forecast(fresh):
    ce = fresh("--empty").client("ce")
    period = {"Start": str(TODAY), "End": str(TOMORROW)}

    wanted = {"TimePeriod": period, "Metric": "UNBLENDED_COST", "Granularity": "DAILY"}

    assert code_of(ce.get_cost_forecast, **wanted) == "DataUnavailableException"
    assert total(ce.get_cost_and_usage(**query())) == 0
