"""The steps as pages show them, worked out from a member's rows. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from onboarding.models import HelpRequest, Member, Step, StepRecord
from onboarding.steps import current_step
from onboarding.steps.current_step import ORDER


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
    note: str = ""
    """The founder's own word on it."""
    help_request: HelpRequest | None = None
    """The member's open call for help on it."""

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


def steps_of(
    member: Member,
    records: Iterable[StepRecord],
    *,
    notes: Mapping[str, str] | None = None,
    calls: Iterable[HelpRequest] = (),
) -> list[StepView]:
    """All five in order; the first that is not done is the current one. Pure."""
    open_calls = {call.step: call for call in calls}
    known = {record.step: record for record in records}
    current = current_step.of(known)
    return [
        StepView(
            step=step,
            number=number,
            told_at=known[step].told_at if step in known else None,
            seen_at=known[step].seen_at if step in known else None,
            evidence=known[step].evidence if step in known else "",
            is_current=step == current,
            answer=_answer(member, step),
            note=(notes or {}).get(step, ""),
            help_request=open_calls.get(step),
        )
        for number, step in enumerate(ORDER, start=1)
    ]


def _answer(member: Member, step: Step) -> str:
    if step != Step.CANCEL_INDIVIDUAL or not member.individual_plan:
        return ""
    answer, until = Member.IndividualPlan(member.individual_plan), member.individual_plan_until
    if answer == Member.IndividualPlan.RUNS_OUT and until:
        return f"cancelled, runs until {until.day} {until:%b %Y}"
    return str(answer.label)
