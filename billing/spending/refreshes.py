"""Reading Cost Explorer: one at a time whoever asks, every paid request counted, all or nothing.

`ask` makes the row or finds the one under way; `carry_out` does the work of one row.
"""

import logging
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from billing.gateways import cost_explorer
from billing.gateways.cost_explorer import DailyCost
from billing.models import CostLine, Refresh
from billing.spending import reasons, restatements, schedule
from billing.spending.periods import add_months
from portal import attempts, audit, jobs
from portal.aws import AwsError
from portal.models import User, Workspace

logger = logging.getLogger(__name__)

COOL_DOWN = timedelta(minutes=10)
BRIEF_COOL_DOWN = timedelta(minutes=1)
"""After a refresh by schedule or one that failed: enough to make two beats and 20 clicks one."""

MONTHS_BACK = 13
"""Cost Explorer keeps 14 months: this one and 13 before it."""

MOST_STARTS = 3


class Window(NamedTuple):
    """Whole months, from `start` up to and without `end`.

    Cost Explorer refuses an end beyond the first day of the next month.
    """

    start: date
    end: date


class NotNow(Exception):
    """A refresh is not possible at the moment; the message is a sentence for the founder."""


class DailyLimitReached(Exception):
    """The portal has made all the paid requests it may make today."""


class Contradiction(Exception):
    """Two pages of one answer hold the same line: the source changed while we read it."""


# Asking ----------------------------------------------------------------------------------------


def ask(*, now: datetime, by: User | None = None, has_cool_down: bool = True) -> Refresh:
    """The refresh under way, or a new one for a worker to carry out. Raises: NotNow.

    Askers queue up at the workspace's row, so that of twenty at once one makes the refresh and
    the others see it, or see that it has just ended.
    """
    Workspace.load()
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=1)
        under_way = Refresh.objects.under_way().first()
        if under_way is not None:
            return under_way
        _check_allowed(now=now, has_cool_down=has_cool_down)
        made = Refresh.objects.create(asked_by=by, asked_at=now, next_try_at=now)
        if by is not None:
            audit.record("spend.refresh", subject=f"refresh:{made.pk}", actor=by)
        return made


def _check_allowed(*, now: datetime, has_cool_down: bool) -> None:
    possible_at = cooled_down_at() if has_cool_down else None
    if possible_at is not None and possible_at > now:
        raise NotNow(reasons.cooling_down(possible_at))
    if requests_left(now) <= 0:
        raise NotNow(reasons.limit_reached(daily_limit()))


def cooled_down_at() -> datetime | None:
    """When somebody may press the button again, or None when nothing ended yet."""
    last = Refresh.objects.exclude(finished_at=None).first()
    if last is None or last.finished_at is None:
        return None
    is_long = last.asked_by_id is not None and last.outcome == Refresh.Outcome.DONE
    return last.finished_at + (COOL_DOWN if is_long else BRIEF_COOL_DOWN)


def has_just_come(now: datetime) -> bool:
    """Whether a refresh brought figures so recently that another would bring the same."""
    return Refresh.objects.done().filter(finished_at__gt=now - BRIEF_COOL_DOWN).exists()


def is_due(now: datetime) -> bool:
    """Whether a scheduled moment has passed since anybody last asked for a refresh."""
    return not Refresh.objects.filter(asked_at__gte=schedule.before(now)).exists()


# The ledger ------------------------------------------------------------------------------------


def daily_limit() -> int:
    return int(getattr(settings, "COST_EXPLORER_DAILY_LIMIT", 50))


def requests_left(now: datetime) -> int:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return daily_limit() - Refresh.objects.paid_since(midnight)


def _charge(refresh: Refresh) -> None:
    """Count one paid request before it is made. Raises: DailyLimitReached, jobs.LeaseLost."""
    now = timezone.now()
    if requests_left(now) <= 0:
        raise DailyLimitReached(reasons.limit_reached(daily_limit()))
    jobs.write(refresh, requests=refresh.requests + 1, paid_at=now, leased_until=now + jobs.LEASE)


# Carrying out ----------------------------------------------------------------------------------


def carry_out(pk: int) -> None:
    """Read the window and replace it. Does nothing when the row is done or in other hands."""
    attempts.carry_out(Refresh, pk, _attempt)


def _attempt(refresh: Refresh) -> None:
    """Raises: jobs.LeaseLost."""
    try:
        _work_on(refresh)
    except AwsError as error:
        logger.warning("Refresh %s: %s %s", refresh.pk, error.operation, error.code)
        _close(refresh, Refresh.Outcome.FAILED, reasons.in_plain_words(error))
    except (DailyLimitReached, Contradiction) as error:
        _close(refresh, Refresh.Outcome.FAILED, str(error))


def _work_on(refresh: Refresh) -> None:
    wanted = _start(refresh)
    if refresh.starts > MOST_STARTS:
        _close(refresh, Refresh.Outcome.INTERRUPTED, reasons.died(MOST_STARTS))
        return
    costs = _read(refresh, wanted)
    if costs:
        _store(refresh, wanted, costs)
    else:
        nothing = reasons.nothing_found(refresh.service)
        _close(refresh, Refresh.Outcome.EMPTY, nothing)


def _start(refresh: Refresh) -> Window:
    now = timezone.now()
    wanted, workspace = window(now.date()), Workspace.load()
    jobs.write(
        refresh,
        account_id=workspace.account_id,
        service=workspace.cost_service,
        started_at=refresh.started_at or now,
        starts=refresh.starts + 1,
        window_start=wanted.start,
        window_end=wanted.end,
    )
    return wanted


def window(today: date) -> Window:
    """Last month and this; more where a month was never read or is still estimated.

    Everything where the last figures are another account's or another service's.
    """
    this_month = today.replace(day=1)
    oldest = add_months(this_month, -MONTHS_BACK)
    last = _last_of_the_same()
    if last is None or last.started_at is None:
        return Window(oldest, add_months(this_month, 1))
    wanted = [add_months(this_month, -1), last.started_at.date().replace(day=1)]
    estimated = CostLine.objects.filter(estimated=True).order_by("date").first()
    if estimated is not None:
        wanted.append(estimated.date.replace(day=1))
    return Window(max(min(wanted), oldest), add_months(this_month, 1))


def _last_of_the_same() -> Refresh | None:
    last = Refresh.objects.done().first()
    return last if last is not None and last.is_of(Workspace.load()) else None


def _read(refresh: Refresh, wanted: Window) -> list[DailyCost]:
    pages = cost_explorer.daily_costs(
        wanted.start,
        wanted.end,
        service=refresh.service,
        on_request=lambda: _charge(refresh),
    )
    found: dict[tuple[date, str, str, str], DailyCost] = {}
    for cost in (cost for page in pages for cost in page.costs):
        key = (cost.date, cost.record_type, cost.usage_type, cost.currency)
        if key in found:
            raise Contradiction(reasons.CHANGED_MEANWHILE)
        found[key] = cost
    return list(found.values())


def _store(refresh: Refresh, wanted: Window, costs: list[DailyCost]) -> None:
    """Replace the window, all or nothing, and keep what AWS has restated in it."""
    lines = [_line(cost) for cost in costs]
    with transaction.atomic():
        old = CostLine.objects.filter(date__gte=wanted.start, date__lt=wanted.end)
        last = _last_of_the_same()
        if last is not None and last.started_at is not None:
            restatements.note(old, lines, told_at=last.started_at, now=timezone.now())
        old.delete()
        if last is None:
            CostLine.objects.filter(date__lt=wanted.start).delete()
        CostLine.objects.bulk_create(lines, batch_size=1000)
        _close(refresh, Refresh.Outcome.DONE, rows=len(costs))


def _line(cost: DailyCost) -> CostLine:
    return CostLine(
        date=cost.date,
        record_type=cost.record_type,
        usage_type=cost.usage_type,
        amount=cost.amount,
        currency=cost.currency,
        quantity=cost.quantity,
        estimated=cost.is_estimated,
    )


def _close(refresh: Refresh, outcome: Refresh.Outcome, reason: str = "", *, rows: int = 0) -> None:
    jobs.finish(refresh, outcome=outcome, reason=reason, rows=rows, finished_at=timezone.now())
