"""GetCostForecast: the mean of the last three full months goes on; without them, no forecast (as
AWS).
"""

from __future__ import annotations

import calendar
import statistics
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from portal.sandbox.cost_filter import invalid
from portal.sandbox.cost_periods import Period, cut
from portal.sandbox.costs import Line
from portal.sandbox.history import month_start
from portal.sandbox.wire import AwsError

_CENT = Decimal("0.01")
_MONTHS = 3


def forecast(
    lines: list[Line], *, period: Period, granularity: str, level: int, today: date
) -> dict[str, Any]:
    """Amounts in USD. The interval is as wide as the months differ, wider for a higher level (51 to
    99 per cent).
    """
    if period.start < today:
        raise invalid("Start date must be equal to or after the current date")
    months = _full_months(lines, today=today)
    mean = statistics.mean(months)
    spread = Decimal(statistics.pstdev(months)) * Decimal(
        statistics.NormalDist().inv_cdf(0.5 + level / 200)
    )
    parts = [_part(part, mean=mean, spread=spread) for part in cut(period, granularity)]
    total = sum((Decimal(part["MeanValue"]) for part in parts), Decimal(0))
    return {"Total": {"Amount": str(total), "Unit": "USD"}, "ForecastResultsByTime": parts}


def _full_months(lines: list[Line], *, today: date) -> list[Decimal]:
    starts = [month_start(today, -back) for back in range(_MONTHS, 0, -1)]
    if not lines or min(line.day for line in lines) >= starts[0] + timedelta(days=31):
        raise AwsError(
            "DataUnavailableException",
            "Insufficient amount of historical data to generate forecast",
        )
    return [
        sum((line.amount for line in lines if month_start(line.day, 0) == start), Decimal(0))
        for start in starts
    ]


def _part(part: Period, *, mean: Decimal, spread: Decimal) -> dict[str, Any]:
    days = Decimal((part.end - part.start).days)
    share = days / calendar.monthrange(part.start.year, part.start.month)[1]
    return {
        "TimePeriod": part.to_json(),
        "MeanValue": str((mean * share).quantize(_CENT)),
        "PredictionIntervalLowerBound": str(((mean - spread) * share).quantize(_CENT)),
        "PredictionIntervalUpperBound": str(((mean + spread) * share).quantize(_CENT)),
    }
