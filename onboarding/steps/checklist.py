"""The five steps, their order, and what is done: told by the member, seen by the portal."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from onboarding.models import Member, Step, StepRecord
from onboarding.steps import stuck, verification
from onboarding.steps.current_step import ORDER
from onboarding.steps.verification import PLAINLY_WRONG, Expected, Shown, Verdict
from onboarding.team import trouble, webhook_events
from portal import audit
from portal.models import User, Workspace


class NotYet(Exception):
    """An earlier step comes first; `.step` is the one."""

    def __init__(self, step: Step) -> None:
        super().__init__(f"First: {step.label}")
        self.step = step


class PlainlyWrong(Exception):
    """The last check found another account or plan: only a new check can tick the step."""


class HasLeft(Exception):
    """The member is no longer on the team."""


# Changing --------------------------------------------------------------------------------------


@transaction.atomic
def tick(  # noqa: PLR0913  # all by keyword
    member: Member,
    step: Step,
    *,
    by: User,
    answer: str = "",
    until: date | None = None,
    checked: bool = False,
) -> None:
    """The member says the step is done. Saying so twice is saying it once.

    `answer`: for the individual plan, a `Member.IndividualPlan`; a plan that is still paid for is
    noted and leaves the step open. `until`: the last day of a cancelled one, where it is known.
    `checked`: what Kiro shows was compared just now. Raises: NotYet when an earlier step is to do;
    PlainlyWrong when the last check found another account or plan; HasLeft.
    """
    row = _held(member)
    done = set(row.steps.values_list("step", flat=True))
    if missing := next((before for before in _before(step) if before not in done), None):
        raise NotYet(missing)
    if step == Step.VERIFY_PLAN and not checked and row.verdict in PLAINLY_WRONG:
        raise PlainlyWrong(row.verdict)
    if step == Step.CANCEL_INDIVIDUAL and answer in Member.IndividualPlan.values:
        _keep_answer(row, answer, until)
        if answer == Member.IndividualPlan.STILL_PAID:
            _leave_open(row, by=by)
            return
    _tell(row, step, by=by)


def _tell(row: Member, step: Step, *, by: User) -> None:
    record, is_new = StepRecord.objects.get_or_create(
        member=row, step=step, defaults={"told_at": timezone.now()}
    )
    if not is_new and record.told_at is None:
        record.told_at = timezone.now()
        record.save(update_fields=["told_at"])
    _settle(row)
    stuck.close(row, step)
    if is_new:
        audit.record("step.told", subject=f"member:{row.pk}", actor=by, detail={"step": step})


def _keep_answer(row: Member, answer: str, until: date | None) -> None:
    row.individual_plan = answer
    row.individual_plan_until = until if answer == Member.IndividualPlan.RUNS_OUT else None


def _leave_open(row: Member, *, by: User) -> None:
    """Still pays for a plan of their own: known, and the step is to do (again)."""
    row.steps.filter(step=Step.CANCEL_INDIVIDUAL, seen_at=None).delete()
    _settle(row)
    audit.record("individual_plan.still_paid", subject=f"member:{row.pk}", actor=by)


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
        _keep_answer(row, "", None)
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
            tick(member, Step.VERIFY_PLAN, by=by, checked=True)
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


@transaction.atomic
def see(member: Member, step: Step, *, at: datetime, evidence: str) -> bool:
    """The portal has seen it, whatever was told; whether that is new. Raises: HasLeft."""
    row = _held(member)
    record, is_made = StepRecord.objects.get_or_create(
        member=row, step=step, defaults={"seen_at": at, "evidence": evidence}
    )
    is_new = is_made or record.seen_at is None
    record.seen_at, record.evidence = record.seen_at or at, evidence
    record.save(update_fields=["seen_at", "evidence"])
    if step == Step.VERIFY_PLAN and row.verdict in PLAINLY_WRONG:
        row.verdict, row.verdict_at = Verdict.RIGHT, timezone.now()
    _settle(row, at=at)
    if is_new:
        seen = {"step": step, "evidence": evidence}
        audit.record("step.seen", subject=f"member:{row.pk}", detail=seen)
    return is_new


@transaction.atomic
def see_wrong_plan(member: Member, *, at: datetime) -> bool:
    """The activity report names another plan than the member's, of work at `at`; is that new?

    It outweighs what was told or seen before. Raises: HasLeft.
    """
    row = _held(member)
    if row.verdict == Verdict.WRONG_PLAN:
        return False
    row.verdict, row.verdict_at = Verdict.WRONG_PLAN, timezone.now()
    row.steps.filter(step=Step.VERIFY_PLAN).delete()
    _settle(row, at=at)
    audit.record("plan.seen_wrong", subject=f"member:{row.pk}")
    return True


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


def _settle(row: Member, *, at: datetime | None = None) -> None:
    """Bring the columns that follow from the steps up to date, on the held row.

    `at`: when the member did what was seen; now, for what they tell.
    """
    before = row.steps_done, row.status
    row.steps_done = row.steps.count()
    row.last_activity_at = max(filter(None, [row.last_activity_at, at or timezone.now()]))
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
            "individual_plan_until",
            "verdict",
            "verdict_at",
        ]
    )
    webhook_events.progress(row, before=before)
    trouble.assess(row)
