"""Asking AWS once a day for the credit grants, and taking over what it says, all or nothing."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from billing.gateways import credit_balance
from billing.gateways.credit_balance import PERMISSION, Credit
from billing.models import CreditGrant, CreditReading
from portal import attempts, audit, jobs
from portal.aws import AwsDenied, AwsError, AwsUnavailable, AwsUnsupported
from portal.models import User, Workspace

logger = logging.getLogger(__name__)

EVERY = timedelta(days=1)
AGAIN = timedelta(hours=1)
"""After a refusal: whoever has just allowed it should not wait for a day."""

DENIED = (
    f"AWS does not let the portal read the credit grants. Allow its credentials {PERMISSION}, or "
    "type the grants in below."
)
_NO_CREDENTIALS = (
    "The portal has no AWS credentials. Set them in its environment, or type the grants in below."
)


def ask(*, by: User | None = None) -> CreditReading:
    """Make the reading due now, for a worker to carry out."""
    reading = CreditReading.load()
    jobs.retry_now(reading)
    if by is not None:
        audit.record("credits.read", subject="credits", actor=by)
    return reading


def carry_out(pk: int) -> None:
    """Read the grants. Does nothing when it is not due or in other hands."""
    attempts.carry_out(CreditReading, pk, _attempt, then=_show_failure)


def _attempt(reading: CreditReading) -> None:
    """Raises: jobs.LeaseLost."""
    try:
        found = credit_balance.credits_of(Workspace.load().account_id, now=timezone.now())
        _store(reading, found)
    except AwsUnavailable as error:
        _note_failure(reading, error)
    except AwsError as error:
        logger.warning("Credit grants not read: %s %s", error.operation, error.code)
        _note_refusal(reading, error)


@transaction.atomic
def _store(reading: CreditReading, found: list[Credit]) -> None:
    """What AWS does not list any more is gone, unless it expired before the time it lists."""
    now = timezone.now()
    jobs.finish(
        reading,
        outcome=CreditReading.Outcome.DONE,
        reason="",
        read_at=now,
        tried_at=now,
        next_try_at=now + EVERY,
    )
    listed = {credit.credit_id for credit in found}
    oldest = (now - credit_balance.REACHES_BACK).date()
    from_aws = CreditGrant.objects.from_aws()
    from_aws.exclude(credit_id__in=listed).exclude(expires_on__lt=oldest).delete()
    for credit in found:
        CreditGrant.objects.update_or_create(credit_id=credit.credit_id, defaults=_row(credit))


def _row(credit: Credit) -> dict[str, object]:
    ends = credit.expires_on
    return {
        "name": credit.name[:200],
        "amount": credit.amount,
        "currency": credit.currency,
        "left_amount": credit.left,
        "left_on": timezone.now().date(),
        "starts_on": min(credit.starts_on, ends) if ends else credit.starts_on,
        "expires_on": ends,
        "products": list(credit.products),
        "is_enabled": credit.is_enabled,
    }


def _note_failure(reading: CreditReading, error: AwsError) -> None:
    """Out of order or too busy: the figures stay, and the next try comes by itself."""
    reason = f"AWS gave no answer about credits ({error.code}). The portal tries again by itself."
    jobs.try_later(reading, code=error.code, reason=reason, after=error.retry_after, counts=True)
    _show_failure(reading)


def _show_failure(reading: CreditReading) -> None:
    """On a row that was just let go, to be tried again."""
    jobs.write(reading, outcome=_FAILED, reason=reading.last_error, tried_at=timezone.now())


def _note_refusal(reading: CreditReading, error: AwsError) -> None:
    now = timezone.now()
    is_denied = isinstance(error, AwsDenied)
    jobs.finish(
        reading,
        outcome=CreditReading.Outcome.DENIED if is_denied else _FAILED,
        reason=_reason(error),
        tried_at=now,
        next_try_at=now + AGAIN,
    )


def _reason(error: AwsError) -> str:
    if error.code == "NoCredentialsError":
        return _NO_CREDENTIALS
    if isinstance(error, AwsDenied):
        return f"{DENIED} ({error.code})"
    if isinstance(error, AwsUnsupported):
        return "What answers in AWS's place knows no credit grants. Type them in below."
    return f"AWS refused to tell of the credit grants. Type them in below. ({error.code})"


_FAILED = CreditReading.Outcome.FAILED
