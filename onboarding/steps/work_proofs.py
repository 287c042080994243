"""What the activity report proves: who is in it works in Kiro under the organization's identity.

The report itself is read by billing, which hands over what it says of each member. Every row of a
member's user counts, also one from before they came to the team: an id is given once, so the row is
theirs whoever made the user.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from onboarding.models import Member, Step, StepRecord
from onboarding.steps import checklist, evidence
from onboarding.steps.evidence import Proof
from onboarding.steps.verification import PLAINLY_WRONG

SEAT_TAKES = timedelta(days=1)
"""So long the report may still name the plan from before, or none."""


@dataclass(frozen=True, slots=True)
class Worked:
    """A member in the report: the first and the last day, and whether the last day's tier is that
    of the member's plan (None when that cannot be told).
    """

    first_on: date
    last_on: date
    plan_fits: bool | None


def take(member: Member, worked: Worked) -> int:
    """Note what this proves, good or bad; how many steps were newly seen.

    The member's steps are best fetched beforehand. Writes nothing when nothing is new.
    """
    try:
        if _is_wrong_plan(member, worked):
            return int(checklist.see_wrong_plan(member, at=_moment(worked.last_on)))
        return sum(evidence.mark(member, proof) for proof in _new_proofs(member, worked))
    except checklist.HasLeft:  # a moment ago
        return 0


def _is_wrong_plan(member: Member, worked: Worked) -> bool:
    asked_at = member.seat_requested_at
    if worked.plan_fits is not False or asked_at is None or _is_checked_since(member, worked):
        return False
    return worked.last_on > (asked_at + SEAT_TAKES).date()


def _is_checked_since(member: Member, worked: Worked) -> bool:
    """What the member has compared after the report's last day is the newer word."""
    return member.verdict_at is not None and member.verdict_at.date() > worked.last_on


def _new_proofs(member: Member, worked: Worked) -> Iterable[Proof]:
    seen = {record.step for record in member.steps.all() if _is_by_report(record)}
    first = Proof(Step.ORG_SIGN_IN, _moment(worked.first_on), evidence.WORKED)
    last = Proof(Step.VERIFY_PLAN, _moment(worked.last_on), evidence.WORKED)
    is_right = worked.plan_fits is True and not _contradicts(member, worked)
    proofs = [first, last] if is_right else [first]
    return [proof for proof in proofs if proof.step not in seen]


def _is_by_report(record: StepRecord) -> bool:
    return record.seen_at is not None and record.evidence == evidence.WORKED


def _contradicts(member: Member, worked: Worked) -> bool:
    is_bad = member.verdict in PLAINLY_WRONG
    return is_bad and _is_checked_since(member, worked)


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
