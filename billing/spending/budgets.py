"""The monthly budget that founders set."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from billing.models import Budget
from portal import audit
from portal.models import User


@transaction.atomic
def set_to(amount: Decimal | None, *, currency: str, by: User) -> None:
    """None takes the budget away."""
    if amount is None:
        Budget.objects.all().delete()
    else:
        values = {"amount": amount, "currency": currency, "set_by": by, "set_at": timezone.now()}
        Budget.objects.update_or_create(pk=1, defaults=values)
    said = None if amount is None else f"{amount:.2f} {currency}"
    audit.record("budget.set", subject="budget", actor=by, detail={"a_month": said})
