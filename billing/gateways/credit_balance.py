"""Gateway to the Billing API: which credits AWS has granted, and what is left of each.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_billing_GetCredits.html
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from portal import aws
from portal.aws import AwsError, aws_call, client

REGION = "us-east-1"
PERMISSION = "billing:GetCredits"
REACHES_BACK = timedelta(days=364)
"""GetCredits refuses a start more than a year ago."""

LARGEST = Decimal(10) ** 10
_STORED = Decimal("0.0000000001")


@dataclass(frozen=True, slots=True)
class Credit:
    """One credit as AWS has it. `left` counts the bill that is still open."""

    credit_id: str
    name: str
    amount: Decimal
    left: Decimal
    currency: str
    starts_on: date
    expires_on: date | None
    products: tuple[str, ...]
    is_enabled: bool

    @classmethod
    def from_api(cls, credit: dict[str, Any]) -> "Credit":
        # Closed bills alone would leave out what this month has used already.
        left = credit.get("estimatedAmount") or credit["remainingAmount"]
        ends = credit.get("endDate")
        return cls(
            credit_id=str(credit["creditId"]),
            name=credit["description"],
            amount=_amount(credit["initialAmount"]),
            left=_amount(left),
            currency=credit["initialAmount"]["currencyCode"],
            starts_on=_day(credit["startDate"]),
            expires_on=_day(ends) if ends else None,
            products=tuple(credit.get("applicableProductNames") or ()),
            is_enabled=credit.get("creditStatus", "ENABLED") == "ENABLED",
        )


def credits_of(account_id: str, *, now: datetime) -> list[Credit]:
    """Every credit that was valid at some time in the past year. Raises: AwsError."""
    asked = {"accountId": account_id or aws.account_id(), "startDate": now - REACHES_BACK}
    with aws_call("GetCredits"):
        answer = client("billing", REGION).get_credits(**asked)
    try:
        return [Credit.from_api(credit) for credit in answer["credits"]]
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise AwsError("GetCredits", "UnexpectedAnswer", type(error).__name__) from error


def _amount(money: dict[str, str]) -> Decimal:
    amount = Decimal(money["currencyAmount"])
    if not amount.is_finite() or abs(amount) >= LARGEST:
        raise ValueError("an amount out of range")
    return amount.quantize(_STORED)


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
