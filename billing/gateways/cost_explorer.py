"""Gateway to Cost Explorer, which lives in us-east-1 alone and charges for every request.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from portal.aws import AwsError, aws_call, client

REGION = "us-east-1"
COST, QUANTITY = "UnblendedCost", "UsageQuantity"
STORED = Decimal("0.0000000001")
LARGEST = Decimal(10) ** 10

Charge = Callable[[], None]

# botocore's hooks belong to the client, which all threads share; this says whose request it is.
_charge: ContextVar[Charge | None] = ContextVar("charge", default=None)


@dataclass(frozen=True, slots=True)
class DailyCost:
    """What one record type and usage type cost on one day, and how much of it there was.

    `quantity` is in the usage type's own unit (seats, credits); None where AWS tells none.
    """

    date: date
    record_type: str
    usage_type: str
    amount: Decimal
    currency: str
    is_estimated: bool
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One answer, which is one paid request unless the SDK had to try twice."""

    costs: tuple[DailyCost, ...]

    @classmethod
    def from_api(cls, answer: dict[str, Any]) -> "Page":
        return cls(tuple(cost for day in answer["ResultsByTime"] for cost in _costs_of(day)))


def daily_costs(start: date, end: date, *, service: str, on_request: Charge) -> Iterator[Page]:
    """Costs from `start` up to and without `end`, page by page.

    `on_request` is called before each request leaves, the SDK's own second attempt included,
    since AWS may charge for both; what it raises stops the request. Raises: AwsError.
    """
    asked: dict[str, Any] = {
        "TimePeriod": {"Start": start.isoformat(), "End": end.isoformat()},
        "Granularity": "DAILY",
        "Metrics": [COST, QUANTITY],
        "GroupBy": [
            {"Type": "DIMENSION", "Key": "RECORD_TYPE"},
            {"Type": "DIMENSION", "Key": "USAGE_TYPE"},
        ],
        "Filter": {"Dimensions": {"Key": "SERVICE", "Values": [service]}},
    }
    token: str | None = ""
    while token is not None:
        answer = _ask({**asked, "NextPageToken": token} if token else asked, on_request)
        yield _read(answer)
        token = answer.get("NextPageToken") or None


def _ask(asked: dict[str, Any], on_request: Charge) -> dict[str, Any]:
    with _charged_to(on_request), aws_call("GetCostAndUsage"):
        ce = client("ce", REGION)
        ce.meta.events.register("before-send.cost-explorer", _before_send, unique_id="ledger")
        answer: dict[str, Any] = ce.get_cost_and_usage(**asked)
    return answer


@contextmanager
def _charged_to(on_request: Charge) -> Iterator[None]:
    token = _charge.set(on_request)
    try:
        yield
    finally:
        _charge.reset(token)


def _before_send(**_event: Any) -> None:
    charge = _charge.get()
    if charge is not None:
        charge()


def _read(answer: dict[str, Any]) -> Page:
    try:
        return Page.from_api(answer)
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise AwsError(
            "GetCostAndUsage", "UnexpectedAnswer", f"{type(error).__name__}: {error}"
        ) from error


def _costs_of(day: dict[str, Any]) -> Iterator[DailyCost]:
    for group in day.get("Groups", []):
        record_type, usage_type = group["Keys"]
        cost, quantity = group["Metrics"][COST], group["Metrics"].get(QUANTITY)
        yield DailyCost(
            date=date.fromisoformat(day["TimePeriod"]["Start"][:10]),
            record_type=record_type,
            usage_type=usage_type,
            amount=_amount(cost["Amount"]),
            currency=cost["Unit"],
            is_estimated=day.get("Estimated", False),
            quantity=_amount(quantity["Amount"]) if quantity else None,
        )


def _amount(text: str) -> Decimal:
    """As exact as it can be stored: ten decimals, which is what AWS gives."""
    amount = Decimal(text)
    if not amount.is_finite() or abs(amount) >= LARGEST:
        raise ValueError(f"an amount of {text}")
    return amount.quantize(STORED)
