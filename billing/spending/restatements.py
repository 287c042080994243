"""Days whose figures AWS changed after they were over: what they were, are, and since when."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

from billing.models import CostLine, Restatement
from billing.spending import spend
from billing.spending.spend import Sums

What = Restatement.What
_CENT = Decimal("0.01")

Days = dict[tuple[date, str], Sums]


def sums_of(lines: Iterable[CostLine]) -> Days:
    """By day and currency."""
    found: Days = defaultdict(Sums)
    for line in lines:
        part = spend.part_of(line.record_type, line.usage_type)
        found[line.date, line.currency].add(part, line.amount, is_estimated=line.estimated)
    return found


def note(
    before: Iterable[CostLine], after: Iterable[CostLine], *, told_at: datetime, now: datetime
) -> int:
    """Keep the differences of the days that were over at `told_at`, the last good reading.

    A day that was not over yet only goes on; one that never had a line stood at nothing.
    """
    then, since = sums_of(before), sums_of(after)
    keys = sorted(key for key in then.keys() | since.keys() if key[0] < told_at.date())
    found = [
        Restatement(date=day, currency=currency, what=what, before=old, after=new, at=now)
        for day, currency in keys
        for what, old, new in _differences(
            then.get((day, currency)) or Sums(), since.get((day, currency)) or Sums()
        )
    ]
    Restatement.objects.bulk_create(found, batch_size=1000)
    return len(found)


def _differences(before: Sums, after: Sums) -> Iterator[tuple[Restatement.What, Decimal, Decimal]]:
    """To the cent."""
    figures = (
        (What.USED, before.used, after.used),
        (What.CREDITS, -before.credits, -after.credits),
    )
    for what, old, new in figures:
        if old.quantize(_CENT) != new.quantize(_CENT):
            yield what, old, new
