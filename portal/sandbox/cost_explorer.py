"""The Cost Explorer API over the sample company's bill: periods, filters, groups, metrics and
pages, all honoured.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from portal.sandbox import cost_filter, cost_forecast, cost_periods, costs
from portal.sandbox.cost_filter import invalid
from portal.sandbox.cost_periods import Period
from portal.sandbox.costs import Line
from portal.sandbox.service import Result, Service, make_token, read_token
from portal.sandbox.wire import AwsError, Call

# No reservations and no discounts here: every cost metric is the same figure.
_COST_METRICS = {
    "AmortizedCost",
    "BlendedCost",
    "NetAmortizedCost",
    "NetUnblendedCost",
    "UnblendedCost",
}
_METRICS = _COST_METRICS | {"UsageQuantity", "NormalizedUsageAmount"}
_PAGE = 10_000  # groups; three months by day, record type and usage type are some 500

Lines = Callable[[], tuple[Line, ...]]
Groups = dict[tuple[str, ...], list[Line]]


class CostExplorer(Service):
    """`lines` gives the bill up to today, `today` the day in UTC; `page_size` (groups a page) is
    set by the control.
    """

    name = "ce"

    def __init__(self, lines: Lines, *, today: Callable[[], date]) -> None:
        super().__init__()
        self._lines = lines
        self._today = today
        self.page_size = _PAGE
        self.operations = {
            "GetCostAndUsage": self.get_cost_and_usage,
            "GetDimensionValues": self.get_dimension_values,
            "GetCostForecast": self.get_cost_forecast,
        }

    def get_cost_and_usage(self, call: Call) -> Result:
        params = call.params
        period = cost_periods.parsed(params["TimePeriod"])
        cost_periods.check_history(period, today=self._today())
        granularity = cost_periods.granularity_of(params)
        metrics, keys = _metrics(params), _group_keys(params)
        offset = self._offset(params)
        lines = self._matching(period, params.get("Filter"))
        rows = [
            row
            for part in cost_periods.cut(period, granularity)
            for row in _rows(part, lines, keys)
        ]
        answer: Result = {
            "ResultsByTime": self._by_time(
                rows[offset : offset + self.page_size], metrics=metrics, grouped=bool(keys)
            ),
            "DimensionValueAttributes": [],
        }
        if keys:
            answer["GroupDefinitions"] = params["GroupBy"]
        if offset + self.page_size < len(rows):
            token = {"offset": offset + self.page_size, "request": _digest(params)}
            answer["NextPageToken"] = make_token(token)
        return answer

    def _matching(self, period: Period, expression: dict[str, Any] | None) -> list[Line]:
        wanted = cost_filter.compiled(expression)
        return [
            line for line in self._lines() if period.start <= line.day < period.end and wanted(line)
        ]

    def _offset(self, params: dict[str, Any]) -> int:
        if not params.get("NextPageToken"):
            return 0
        token = read_token(
            params["NextPageToken"], AwsError("InvalidNextTokenException", "Invalid page token.")
        )
        if token.get("request") != _digest(params):
            raise AwsError(
                "RequestChangedException",
                "The request differs from the one the page token came from.",
            )
        return int(token["offset"])

    def _by_time(
        self, rows: list[_Row], *, metrics: list[str], grouped: bool
    ) -> list[dict[str, Any]]:
        results: dict[Period, dict[str, Any]] = {}
        for period, keys, lines in rows:
            estimated = cost_periods.is_estimated(period, today=self._today())
            empty = {
                "TimePeriod": period.to_json(),
                "Total": {},
                "Groups": [],
                "Estimated": estimated,
            }
            result = results.setdefault(period, empty)
            if keys:
                result["Groups"].append({"Keys": list(keys), "Metrics": _sums(lines, metrics)})
            elif not grouped:
                result["Total"] = _sums(lines, metrics)
        return list(results.values())

    def get_dimension_values(self, call: Call) -> Result:
        params = call.params
        period = cost_periods.parsed(params["TimePeriod"])
        cost_periods.check_history(period, today=self._today())
        read = cost_filter.dimension(params["Dimension"])
        search = params.get("SearchString", "").lower()
        found = {read(line) for line in self._matching(period, params.get("Filter"))}
        values = sorted(value for value in found if value and search in value.lower())
        offset = self._offset(params)
        page = values[offset : offset + (params.get("MaxResults") or len(values) or 1)]
        answer: Result = {
            "DimensionValues": [{"Value": value, "Attributes": {}} for value in page],
            "ReturnSize": len(page),
            "TotalSize": len(values),
        }
        if offset + len(page) < len(values):
            answer["NextPageToken"] = make_token(
                {"offset": offset + len(page), "request": _digest(params)}
            )
        return answer

    def get_cost_forecast(self, call: Call) -> Result:
        period = cost_periods.parsed(call.params["TimePeriod"])
        wanted = cost_filter.compiled(call.params.get("Filter"))
        lines = [line for line in self._lines() if wanted(line)]
        return cost_forecast.forecast(
            lines,
            period=period,
            granularity=cost_periods.granularity_of(call.params),
            level=call.params.get("PredictionIntervalLevel") or 80,
            today=self._today(),
        )


_Row = tuple[Period, tuple[str, ...], list[Line]]


def _rows(period: Period, lines: list[Line], keys: list[Callable[[Line], str]]) -> Iterable[_Row]:
    """One row a group in order of its keys; one row with no keys where there is nothing to group,
    or no grouping.
    """
    inside = [line for line in lines if period.start <= line.day < period.end]
    if not keys:
        return [(period, (), inside)]
    groups: Groups = {}
    for line in inside:
        groups.setdefault(tuple(_shown(key(line)) for key in keys), []).append(line)
    return [(period, group, members) for group, members in sorted(groups.items())] or [
        (period, (), [])
    ]


def _shown(value: str) -> str:
    return value or "NoUsageType"


def _group_keys(params: dict[str, Any]) -> list[Callable[[Line], str]]:
    groups = params.get("GroupBy") or []
    if len(groups) > 2:
        raise invalid("Group Definition list has more than 2 items")
    for group in groups:
        if group.get("Type") != "DIMENSION":
            raise invalid(f"The sandbox's Cost Explorer cannot group by {group.get('Type')}")
    return [cost_filter.dimension(group.get("Key", "")) for group in groups]


def _metrics(params: dict[str, Any]) -> list[str]:
    metrics = params.get("Metrics") or []
    unknown = sorted(set(metrics) - _METRICS)
    if unknown or not metrics:
        raise invalid(f"Metrics must be out of {', '.join(sorted(_METRICS))}; got {unknown}")
    return list(dict.fromkeys(metrics))


def _sums(lines: list[Line], metrics: list[str]) -> dict[str, dict[str, str]]:
    amount = sum((line.amount for line in lines), Decimal(0))
    quantity = sum((line.quantity for line in lines), Decimal(0))
    values = {
        metric: (amount, "USD") if metric in _COST_METRICS else (quantity, "N/A")
        for metric in metrics
        if metric != "NormalizedUsageAmount"
    }
    if "NormalizedUsageAmount" in metrics:
        values["NormalizedUsageAmount"] = (Decimal(0), "N/A")
    return {
        metric: {"Amount": plain(value), "Unit": unit} for metric, (value, unit) in values.items()
    }


def plain(value: Decimal) -> str:
    """As AWS writes amounts: no exponent, no trailing zeros."""
    return f"{value.normalize():f}" if value else "0"


def _digest(params: dict[str, Any]) -> str:
    same = {key: value for key, value in params.items() if key != "NextPageToken"}
    return hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()[:32]


def lines_of(anchor: date, *, today: Callable[[], date], has_company: bool) -> Lines:
    """The bill up to today; an empty account has none."""
    return lambda: costs.ledger(anchor, today()).lines if has_company else ()
