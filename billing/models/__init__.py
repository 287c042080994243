"""Money: the lines of cost and how they were read, credit grants, alerts, the budget, usage."""

from billing.models.alerts import Alert, Budget
from billing.models.costs import REQUEST_PRICE, CostLine, MonthField, Refresh, Restatement
from billing.models.credits import CreditGrant, CreditReading
from billing.models.usage import ReportFile, ReportNote, UsageDay
from billing.models.usage_months import IdleRules, UsageMonth

__all__ = [
    "REQUEST_PRICE",
    "Alert",
    "Budget",
    "CostLine",
    "CreditGrant",
    "CreditReading",
    "IdleRules",
    "MonthField",
    "Refresh",
    "ReportFile",
    "ReportNote",
    "Restatement",
    "UsageDay",
    "UsageMonth",
]
