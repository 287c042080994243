"""Reading CloudTrail every hour, page by page, from where the last worker stopped."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from onboarding.gateways import sign_ins
from onboarding.gateways.sign_ins import SignIn
from onboarding.models import DirectorySignIn, SignInReading
from onboarding.steps import evidence
from portal import attempts, audit, jobs
from portal.aws import AwsDenied, AwsError, AwsUnavailable, AwsUnsupported
from portal.models import JobRun, Workspace

logger = logging.getLogger(__name__)

JOB = "read_sign_ins"
EVERY = timedelta(hours=1)
ARRIVES_WITHIN = timedelta(minutes=30)
"""CloudTrail usually delivers within a few minutes; what came late is read the next time."""

MOST_PAGES = 60
"""In one go of the task, which has other rows to serve; the next go follows at once."""

_MISSING = "AWS does not let the portal read sign-ins: cloudtrail:LookupEvents is missing."
_REFUSED = "AWS refuses the portal's credentials; sign-ins are not read."
_UNSUPPORTED = "What answers in AWS's place has no CloudTrail; sign-ins are not read."
_BAD_TOKEN = "InvalidNextTokenException"  # noqa: S105  # AWS's name for an error


def ask() -> SignInReading | None:
    """The row for the company's identity store, due when it is new; None while not connected."""
    workspace = Workspace.load()
    if not workspace.is_connected:
        return None
    return SignInReading.objects.get_or_create(
        store_id=workspace.identity_store_id, defaults={"next_try_at": timezone.now()}
    )[0]


def carry_on(pk: int) -> float | None:
    """Read on if it is due and free; seconds until there is more to do soon, or None."""
    return attempts.carry_out(SignInReading, pk, _read)


def _read(reading: SignInReading) -> float | None:
    """Raises: jobs.LeaseLost."""
    workspace = Workspace.load()
    if reading.store_id != workspace.identity_store_id:
        jobs.finish(reading)  # another company by now: rest for good
        return None
    return _read_on(reading, workspace.identity_center_region)


def _read_on(reading: SignInReading, region: str) -> float | None:
    """Raises: jobs.LeaseLost."""
    try:
        is_read = any(_take_page(reading, region) for _ in range(MOST_PAGES))
    except (AwsDenied, AwsUnsupported) as error:
        _rest(reading, error)
        return None
    except AwsUnavailable as error:
        return _put_off(reading, error)
    except AwsError as error:
        return _refused(reading, error)
    if not is_read:
        jobs.write(reading, lease="", leased_until=None)
        return 0.0
    _finish(reading)
    return None


def _take_page(reading: SignInReading, region: str) -> bool:
    """One request, kept with the place to go on from; whether the window is read to its end."""
    start, end = _window(reading, now=timezone.now())
    jobs.renew(reading)
    page = sign_ins.page(region, start=start, end=end, token=reading.token)
    with transaction.atomic():
        _keep(page.sign_ins)
        jobs.write(reading, token=page.token)
    return not page.token


def _window(reading: SignInReading, *, now: datetime) -> tuple[datetime, datetime]:
    """The one begun, or a new one: what came since the last, at first all that CloudTrail has."""
    if reading.window_start is not None and reading.window_end is not None:
        return reading.window_start, reading.window_end
    oldest = now - sign_ins.KEPT
    start = max(oldest, reading.read_to - ARRIVES_WITHIN) if reading.read_to else oldest
    is_gap = reading.read_to is None or reading.read_to < oldest
    read_from = start if is_gap else reading.read_from
    jobs.write(reading, window_start=start, window_end=now, token="", read_from=read_from)
    return start, now


def _keep(found: list[SignIn]) -> None:
    """One query for a page of them, and one for each user of whom it tells something new."""
    users = {one.user_id for one in found}
    known = {
        (row.store_id, row.user_id): row
        for row in DirectorySignIn.objects.filter(user_id__in=users)
    }
    changed = {}
    for one in found:
        key = one.store_id, one.user_id
        row = known.setdefault(key, DirectorySignIn(store_id=one.store_id, user_id=one.user_id))
        if _has_news(row, one):
            changed[key] = row
    for row in changed.values():
        row.save()


def _has_news(row: DirectorySignIn, one: SignIn) -> bool:
    """Take it in; whether that changed anything."""
    before = row.last_at, row.first_at, row.last_own_at, row.last_mfa_at
    row.first_at = min(filter(None, [row.first_at, one.at]))
    row.last_at = max(filter(None, [row.last_at, one.at]))
    if not one.is_by_mailed_code:
        row.last_own_at = max(filter(None, [row.last_own_at, one.at]))
    if one.is_with_mfa:
        row.last_mfa_at = max(filter(None, [row.last_mfa_at, one.at]))
    return (row.last_at, row.first_at, row.last_own_at, row.last_mfa_at) != before


def _finish(reading: SignInReading) -> None:
    """The window is read: compare, and be due again in an hour."""
    jobs.finish(
        reading,
        read_to=reading.window_end,
        window_start=None,
        window_end=None,
        token="",
        next_try_at=timezone.now() + EVERY,
    )
    evidence.apply(reading)
    JobRun.note(JOB)


def _put_off(reading: SignInReading, error: AwsUnavailable) -> float:
    """Soon again, and ever more seldom where CloudTrail itself keeps failing."""
    pause = attempts.put_off(reading, error, reason=str(error))
    if reading.is_quarantined:
        JobRun.note(JOB, error=f"CloudTrail does not answer: {error.message}")
    return pause


def _rest(reading: SignInReading, error: AwsDenied | AwsUnsupported) -> None:
    """We may not, or cannot: say so once, change nothing else, look again in an hour."""
    is_news = reading.failure_code != error.code
    reason = _reason(error)
    changes: dict[str, Any] = {
        "failure_code": error.code,
        "last_error": reason,
        "lease": "",
        "leased_until": None,
    }
    jobs.write(reading, next_try_at=timezone.now() + EVERY, **changes)
    JobRun.note(JOB, error=reason)
    if is_news:
        logger.warning("Sign-ins are not read: %s", error.code)
        audit.record("evidence.denied", detail={"code": error.code}, result=audit.Result.FAILED)


def _reason(error: AwsDenied | AwsUnsupported) -> str:
    if isinstance(error, AwsUnsupported):
        return _UNSUPPORTED
    return _MISSING if error.is_permission else _REFUSED


def _refused(reading: SignInReading, error: AwsError) -> float:
    """A page's token that AWS no longer knows: the window begins anew. All else is tried later."""
    if error.code == _BAD_TOKEN:
        jobs.write(reading, token="")
    JobRun.note(JOB, error=error.code)
    return jobs.try_later(reading, code=error.code, reason=error.code)
