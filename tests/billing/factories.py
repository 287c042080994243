"""Lines of cost for tests."""

from datetime import date
from decimal import Decimal

from billing.models import CostLine, CreditGrant

PRO_PLUS = "USE1-KiroEnterprise-ProPlus"


def make_line(
    amount="40",
    *,
    day=date(2026, 11, 1),
    record="FlatRateSubscription",
    usage=PRO_PLUS,
    currency="USD",
    estimated=False,
):
    return CostLine.objects.create(
        date=day,
        record_type=record,
        usage_type=usage,
        amount=Decimal(amount),
        currency=currency,
        estimated=estimated,
    )


def make_bill(*, day=date(2026, 11, 1), **fields):
    """Seats, overage and its tax, a refund, and a credit that covers most of it: $1.30 is paid."""
    make_line("40", day=day, **fields)
    make_line("10", day=day, record="Usage", usage="USE1-KiroEnterprise-Credits", **fields)
    make_line("1.30", day=day, record="Tax", usage="USE1-KiroEnterprise-Credits", **fields)
    make_line("-5", day=day, record="Refund", **fields)
    make_line("-45", day=day, record="Credit", **fields)


def make_grant(amount="4800", *, starts=date(2026, 2, 1), expires=date(2027, 1, 31), **fields):
    """A grant for Kiro that a founder typed in; `credit_id` makes it AWS's."""
    values = {"name": "AWS promotion - Kiro Pro Plus 2026", "products": ["Kiro"], **fields}
    return CreditGrant.objects.create(
        amount=Decimal(amount), starts_on=starts, expires_on=expires, **values
    )
