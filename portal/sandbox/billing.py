"""The Billing API's two readings of credit grants: balances, and what was applied where in which
month.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from portal.sandbox import cost_periods, costs
from portal.sandbox.company import ACCOUNT_ID
from portal.sandbox.cost_filter import invalid
from portal.sandbox.costs import Grant
from portal.sandbox.history import month_start
from portal.sandbox.service import Result, Service, make_token, read_token
from portal.sandbox.wire import AwsError, Call

_PAGE = 100


class Billing(Service):
    """Amounts are what the sample bill's Credit lines add up to. A bill in flight counts for the
    estimate only.
    """

    name = "billing"

    def __init__(self, anchor: date, *, today: Callable[[], date], has_company: bool) -> None:
        super().__init__()
        self._anchor = anchor
        self._today = today
        self._grants = costs.grants(anchor) if has_company else ()
        self.operations = {
            "GetCredits": self.get_credits,
            "GetCreditAllocationHistory": self.get_credit_allocation_history,
        }

    def check(self, call: Call) -> None:
        if call.params["accountId"] != ACCOUNT_ID:
            raise AwsError(
                "AccessDeniedException", "You don't have access to the credits of this account."
            )

    def get_credits(self, call: Call) -> Result:
        start, end = _day(call.params["startDate"]), self._today()
        if call.params.get("endDate") is not None:
            end = _day(call.params["endDate"])
        if not self._today() - timedelta(days=366) <= start <= end <= self._today():
            raise invalid("startDate must lie in the past year, endDate between it and today.")
        return {
            "credits": [
                self._credit(grant)
                for grant in self._grants
                if grant.start <= end and grant.end >= start
            ]
        }

    def _applied(self, credit_id: str) -> dict[tuple[str, str, date], Decimal]:
        applied = costs.ledger(self._anchor, self._today()).applied
        return {key: amount for key, amount in applied.items() if key[0] == credit_id}

    def _is_open(self, day: date) -> bool:
        return cost_periods.is_estimated(
            cost_periods.Period(day, day + timedelta(days=1)), today=self._today()
        )

    def _credit(self, grant: Grant) -> dict[str, Any]:
        applied = self._applied(grant.credit_id)
        left = grant.amount - sum(applied.values(), Decimal(0))
        in_flight = sum(
            (amount for (_, _, day), amount in applied.items() if self._is_open(day)), Decimal(0)
        )
        credit: dict[str, Any] = {
            "creditId": grant.credit_id,
            "accountId": ACCOUNT_ID,
            "creditType": "Promotion",
            "initialAmount": _money(grant.amount),
            "remainingAmount": _money(left + in_flight),
            "estimatedAmount": _money(left),
            "applicableProductNames": list(grant.services),
            "description": grant.description,
            "startDate": _moment(grant.start),
            "endDate": _moment(grant.end),
            "applicationType": "AFTER_DISCOUNTS",
            "accountHasCreditSharingEnabled": False,
            "creditStatus": "ENABLED",
        }
        if not left:
            credit["exhaustDate"] = _moment(max(day for _, _, day in applied))
        return credit

    def get_credit_allocation_history(self, call: Call) -> Result:
        start, end = _asked(call.params["startDate"]), _asked(call.params["endDate"])
        if start >= end:
            raise invalid("startDate must be earlier than endDate.")
        entries = [
            entry
            for grant in self._grants
            for entry in self._entries(grant, call.params.get("creditId"))
        ]
        inside = [
            entry
            for entry in entries
            if start <= datetime.fromisoformat(f"{entry['billingMonth']}-01T00:00Z") < end
        ]
        offset = 0
        if call.params.get("nextToken"):
            offset = int(
                read_token(call.params["nextToken"], invalid("Invalid nextToken."))["offset"]
            )
        size = call.params.get("maxResults") or _PAGE
        answer: Result = {
            "creditAllocationHistoryList": inside[offset : offset + size],
            "partialResults": False,
        }
        if offset + size < len(inside):
            answer["nextToken"] = make_token({"offset": offset + size})
        return answer

    def _entries(self, grant: Grant, wanted: int | None) -> list[dict[str, Any]]:
        """One entry a service and month. AWS writes what reduced a bill as a negative amount."""
        if wanted is not None and str(wanted) != grant.credit_id:
            return []
        sums: dict[tuple[date, str], Decimal] = {}
        for (_, service, day), amount in self._applied(grant.credit_id).items():
            key = (month_start(day, 0), service)
            sums[key] = sums.get(key, Decimal(0)) + amount
        return [
            {
                "creditId": grant.credit_id,
                "creditAmount": _money(-amount),
                "description": grant.description,
                "accountId": ACCOUNT_ID,
                "appliedServiceName": service,
                "billingMonth": f"{month:%Y-%m}",
                "isEstimatedBill": self._is_open(month),
            }
            for (month, service), amount in sorted(sums.items())
        ]


def _money(amount: Decimal) -> dict[str, str]:
    return {"currencyCode": "USD", "currencyAmount": str(amount.quantize(Decimal("0.01")))}


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _day(value: Any) -> date:
    return _asked(value).date()


def _asked(value: Any) -> datetime:
    """A timestamp as AWS JSON sends it: seconds since 1970."""
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError):
        raise invalid("Dates are seconds since 1970.") from None
