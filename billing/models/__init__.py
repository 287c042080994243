"""Money: the lines of cost and how they were read, credit grants, alerts and the budget."""

from billing.models.alerts import Alert, Budget
from billing.models.costs import REQUEST_PRICE, CostLine, MonthField, Refresh, Restatement
from billing.models.credits import CreditGrant, CreditReading

__all__ = [
    "REQUEST_PRICE",
    "Alert",
    "Budget",
    "CostLine",
    "CreditGrant",
    "CreditReading",
    "MonthField",
    "Refresh",
    "Restatement",
]
