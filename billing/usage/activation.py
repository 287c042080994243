"""From the invitation to real work: how many came how far, how long it took, and who never did."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import pairwise
from statistics import median

from django.db.models import Min

from billing.models import UsageMonth
from onboarding.models import Member, Step, StepRecord

STAGES = ("Invited", "Signed in", "Verified", "Working")
DAY = 86400


@dataclass(frozen=True, slots=True)
class Life:
    """When a member reached each of `STAGES`; None for those they have not."""

    member: Member
    moments: tuple[datetime | None, ...]

    @property
    def is_working(self) -> bool:
        return self.moments[-1] is not None

    @property
    def reached(self) -> str:
        """The last stage they came to."""
        named = zip(STAGES, self.moments, strict=True)
        return next((name for name, moment in reversed(list(named)) if moment), "Not invited yet")


@dataclass(frozen=True, slots=True)
class Stage:
    """`days`: the median from the stage before; None where nobody has both."""

    name: str
    count: int
    percent: int
    days: float | None


@dataclass(frozen=True, slots=True)
class Activation:
    stages: tuple[Stage, ...]
    days: float | None
    """The median from the invitation to the first row in a report."""
    waiting: tuple[Life, ...]
    """Who does not work yet, the longest invited first."""


def measure(lives: Sequence[Life], *, now: datetime) -> Activation:
    """Pure."""
    counts = [sum(life.moments[n] is not None for life in lives) for n in range(len(STAGES))]
    invited = counts[0]
    steps = [None, *(_median(lives, *pair) for pair in pairwise(range(len(STAGES))))]
    stages = (
        Stage(name, count, min(round(100 * count / invited), 100) if invited else 0, days)
        for name, count, days in zip(STAGES, counts, steps, strict=True)
    )
    waiting = [life for life in lives if not life.is_working]
    waiting.sort(key=lambda life: life.moments[0] or now)
    return Activation(tuple(stages), _median(lives, 0, len(STAGES) - 1), tuple(waiting))


def _median(lives: Iterable[Life], before: int, after: int) -> float | None:
    """In days; who was there already needed none."""
    found = []
    for life in lives:
        first, then = life.moments[before], life.moments[after]
        if first is not None and then is not None:
            found.append(max((then - first).total_seconds(), 0) / DAY)
    return round(median(found), 1) if found else None


def load(*, now: datetime) -> Activation:
    """Three queries, however many people there are."""
    taken = _steps()
    worked = dict(
        UsageMonth.objects.order_by().values_list("directory_user_id").annotate(Min("first_day"))
    )
    members = Member.objects.on_team().exclude(status=Member.Status.LEAVING)
    lives = []
    for member in members.select_related("plan"):
        day = worked.get(member.directory_user_id)
        moments = (
            member.invited_at,
            taken.get((member.pk, Step.ORG_SIGN_IN)),
            taken.get((member.pk, Step.VERIFY_PLAN)),
            datetime.combine(day, time(12), UTC) if day else None,
        )
        lives.append(Life(member, moments))
    return measure(lives, now=now)


def _steps() -> dict[tuple[int, str], datetime]:
    """The first proof of the two steps that count here, told or seen."""
    records = StepRecord.objects.filter(step__in=[Step.ORG_SIGN_IN, Step.VERIFY_PLAN]).order_by()
    rows = records.values_list("member_id", "step", "told_at", "seen_at")
    return {(pk, step): min(filter(None, [told, seen])) for pk, step, told, seen in rows.iterator()}
