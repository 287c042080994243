"""Grants that founders type in, where AWS does not let the portal read them."""

from typing import Any

from django.db import transaction

from billing.models import CreditGrant
from portal import audit
from portal.models import User


@transaction.atomic
def save(grant: CreditGrant, *, by: User) -> None:
    """Keep a new grant, or the changes to one."""
    is_new = grant.pk is None
    if is_new:
        grant.typed_by = by
    grant.save()
    action = "credits.added" if is_new else "credits.changed"
    audit.record(action, subject=f"grant:{grant.pk}", actor=by, detail=_detail(grant))


@transaction.atomic
def remove(grant: CreditGrant, *, by: User) -> None:
    subject, detail = f"grant:{grant.pk}", _detail(grant)
    grant.delete()
    audit.record("credits.removed", subject=subject, actor=by, detail=detail)


def has_twin(grant: CreditGrant) -> bool:
    """The same grant is listed already: the button was pressed twice."""
    same = CreditGrant.objects.typed().filter(
        name=grant.name,
        amount=grant.amount,
        currency=grant.currency,
        starts_on=grant.starts_on,
        expires_on=grant.expires_on,
    )
    return same.exclude(pk=grant.pk).exists()


def _detail(grant: CreditGrant) -> dict[str, Any]:
    return {
        "name": grant.name,
        "amount": f"{grant.amount:.2f}",
        "currency": grant.currency,
        "left": None if grant.left_amount is None else f"{grant.left_amount:.2f}",
        "expires_on": grant.expires_on.isoformat() if grant.expires_on else None,
    }
