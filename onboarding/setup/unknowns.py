"""Errors that nobody knows: kept by consent, without what looks like a secret."""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from onboarding.models import UnknownError
from onboarding.setup.troubleshooting import without_secrets
from portal import audit
from portal.models import User

MOST_WAITING = 50
MOST_A_DAY = 20
"""From one person; more would be a machine's."""


def keep(text: str, *, by: User) -> UnknownError | None:
    """The same text from the same person is kept once; None once there were too many today."""
    text = without_secrets(text.strip())
    mine = UnknownError.objects.filter(sent_by=by)
    if mine.filter(sent_at__gt=timezone.now() - timedelta(days=1)).count() >= MOST_A_DAY:
        return None
    there = mine.filter(text=text, settled_at=None).first()
    return there or _new(text, by)


@transaction.atomic
def _new(text: str, by: User) -> UnknownError:
    made = UnknownError.objects.create(text=text, sent_by=by)
    audit.record("error.sent_in", subject=f"error:{made.pk}", actor=by)
    return made


@transaction.atomic
def settle(unknown: UnknownError, *, by: User) -> None:
    """Saying so twice is saying it once."""
    unsettled = UnknownError.objects.filter(pk=unknown.pk, settled_at=None)
    if unsettled.update(settled_at=timezone.now()):
        audit.record("error.settled", subject=f"error:{unknown.pk}", actor=by)


def waiting() -> QuerySet[UnknownError]:
    unsettled = UnknownError.objects.filter(settled_at=None)
    return unsettled.select_related("sent_by")[:MOST_WAITING]
