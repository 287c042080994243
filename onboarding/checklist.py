"""The five steps, their order, and what is done: told by the member, seen by the portal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from onboarding import trouble, verification
from onboarding.models import Member, Step, StepRecord
from onboarding.verification import Expected, Shown, Verdict
from portal import audit
from portal.models import User, Workspace

ORDER = list(Step)


class NotYet(Exception):
    """An earlier step comes first; `.step` is the one."""

    def __init__(self, step: Step) -> None:
        super().__init__(f"First: {step.label}")
        self.step = step


class HasLeft(Exception):
    """The member is no longer on the team."""


@dataclass(frozen=True, slots=True)
class StepView:
    """One step as a page shows it."""

    step: Step
    number: int
    told_at: datetime | None
    seen_at: datetime | None
    evidence: str
    is_current: bool
    answer: str

    @property
    def slug(self) -> str:
        return self.step.value

    @property
    def title(self) -> str:
        return self.step.label

    @property
    def template(self) -> str:
        return f"onboarding/steps/{self.slug}.html"

    @property
    def is_done(self) -> bool:
        return self.told_at is not None or self.seen_at is not None

    @property
    def is_locked(self) -> bool:
        return not self.is_done and not self.is_current

    @property
    def state(self) -> str:
        """For the bars on the board: green seen, violet told, grey to do."""
        return "seen" if self.seen_at else "told" if self.told_at else "todo"


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int = len(ORDER)

    @property
    def percent(self) -> int:
        return round(100 * self.done / self.total)


def steps_of(member: Member, records: Iterable[StepRecord]) -> list[StepView]:
    """All five in order; the first that is not done is the current one. Pure."""
    known = {record.step: record for record in records}
    current = next((step for step in ORDER if step not in known), None)
    return [
        StepView(
            step=step,
            number=number,
            told_at=known[step].told_at if step in known else None,
            seen_at=known[step].seen_at if step in known else None,
            evidence=known[step].evidence if step in known else "",
            is_current=step == current,
            answer=_answer(member, step),
        )
        for number, step in enumerate(ORDER, start=1)
    ]


def _answer(member: Member, step: Step) -> str:
    if step != Step.CANCEL_INDIVIDUAL or not member.individual_plan:
        return ""
    return str(Member.IndividualPlan(member.individual_plan).label)


# Changing --------------------------------------------------------------------------------------


@transaction.atomic
def tick(member: Member, step: Step, *, by: User, answer: str = "") -> None:
    """The member says the step is done. Saying so twice is saying it once.

    `answer`: for the individual plan, a `Member.IndividualPlan`.
    Raises: NotYet when an earlier step is to do; HasLeft.
    """
    row = _held(member)
    done = set(row.steps.values_list("step", flat=True))
    if missing := next((before for before in _before(step) if before not in done), None):
        raise NotYet(missing)
    if answer in Member.IndividualPlan.values and step == Step.CANCEL_INDIVIDUAL:
        row.individual_plan = answer
    record, is_new = StepRecord.objects.get_or_create(
        member=row, step=step, defaults={"told_at": timezone.now()}
    )
    if not is_new and record.told_at is None:
        record.told_at = timezone.now()
        record.save(update_fields=["told_at"])
    _settle(row)
    if is_new:
        audit.record("step.told", subject=f"member:{row.pk}", actor=by, detail={"step": step})


@transaction.atomic
def undo(member: Member, step: Step, *, by: User) -> None:
    """Take back what was told; what the portal has seen stays. Raises: HasLeft."""
    row = _held(member)
    told = row.steps.filter(step=step, told_at__isnull=False)
    taken_back = told.filter(seen_at=None).delete()[0] + told.update(told_at=None)
    if not taken_back:
        return
    if step == Step.VERIFY_PLAN:
        row.verdict, row.verdict_at = "", None
    if step == Step.CANCEL_INDIVIDUAL:
        row.individual_plan = ""
    _settle(row)
    audit.record("step.undone", subject=f"member:{row.pk}", actor=by, detail={"step": step})


def verify(member: Member, shown: Shown, *, by: User) -> Verdict:
    """Compare what Kiro shows with what was assigned; tick the step unless it is plainly wrong.

    Only the verdict is kept. Raises: NotYet, HasLeft.
    """
    verdict = verification.compare(shown, _expected(member))
    with transaction.atomic():
        row = _held(member)
        row.verdict, row.verdict_at = verdict, timezone.now()
        row.save(update_fields=["verdict", "verdict_at"])
        if verdict in {Verdict.RIGHT, Verdict.CANNOT_TELL}:
            tick(member, Step.VERIFY_PLAN, by=by)
        else:
            undo_quietly(row)
        audit.record(
            "plan.checked", subject=f"member:{row.pk}", actor=by, detail={"verdict": verdict}
        )
    return verdict


def undo_quietly(row: Member) -> None:
    """A wrong account now outweighs a right one told before."""
    row.steps.filter(step=Step.VERIFY_PLAN, seen_at=None).delete()
    _settle(row)


def _expected(member: Member) -> Expected:
    workspace = Workspace.load()
    return Expected(
        plan=member.plan.name,
        credits=member.plan.credits,
        account_id=workspace.account_id,
        identity_store_id=workspace.identity_store_id,
    )


def _before(step: Step) -> list[Step]:
    return ORDER[: ORDER.index(step)]


def _held(member: Member) -> Member:
    """The row, held until commit, so that two tabs count steps one after the other."""
    row = Member.objects.select_for_update(of=("self",)).filter(pk=member.pk).first()
    if row is None or not row.is_on_team:
        raise HasLeft(f"member {member.pk}")
    return row


def _settle(row: Member) -> None:
    """Bring the columns that follow from the steps up to date, on the held row."""
    row.steps_done = row.steps.count()
    row.last_activity_at = timezone.now()
    statuses = Member.Status
    if row.status in {statuses.INVITED, statuses.VERIFIED}:
        is_complete = row.steps_done == len(ORDER)
        row.status = statuses.VERIFIED if is_complete else statuses.INVITED
    row.save(
        update_fields=[
            "steps_done",
            "last_activity_at",
            "status",
            "individual_plan",
            "verdict",
            "verdict_at",
        ]
    )
    trouble.assess(row)
