"""What the portal has seen for itself: sign-ins in CloudTrail against what members say.

CloudTrail knows sign-ins to Identity Center, not to Kiro. So any sign-in proves *activate*. For
*org-sign-in* it can only back up a member's word: told by the member, and a sign-in with their own
credentials after they said that they had signed out everywhere. Kiro itself is proved by the
activity report alone, which calls `mark` too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from onboarding.models import DirectorySignIn, Member, SignInReading, Step, StepRecord
from onboarding.steps import checklist
from onboarding.team import trouble

CONTRADICTED_AFTER = timedelta(days=3)
WITH_MFA = "seen by the portal, with MFA"
WITHOUT_MFA = "seen by the portal, without MFA"
WORKED = "seen in the activity report"
_SIGNED_IN = {Step.ACTIVATE, Step.ORG_SIGN_IN}


@dataclass(frozen=True, slots=True)
class Proof:
    """A step that something was seen for: when, and what."""

    step: Step
    at: datetime
    text: str


def mark(member: Member, proof: Proof) -> bool:
    """Note that the portal has seen the step; whether that is new. Raises: checklist.HasLeft."""
    return checklist.see(member, proof.step, at=proof.at, evidence=proof.text)


# From sign-ins ---------------------------------------------------------------------------------


def proofs(records: Iterable[StepRecord], signed_in: DirectorySignIn) -> list[Proof]:
    """What these sign-ins prove. Pure."""
    told = {record.step: record.told_at for record in records if record.told_at}
    text = WITH_MFA if signed_in.last_mfa_at else WITHOUT_MFA
    found = [Proof(Step.ACTIVATE, signed_in.first_at, text)]
    signed_out_at, own_at = told.get(Step.SIGN_OUT), signed_in.last_own_at
    if Step.ORG_SIGN_IN in told and signed_out_at and own_at and own_at > signed_out_at:
        is_with_mfa = signed_in.last_mfa_at is not None and signed_in.last_mfa_at > signed_out_at
        found.append(Proof(Step.ORG_SIGN_IN, own_at, WITH_MFA if is_with_mfa else WITHOUT_MFA))
    return found


def is_contradicted(
    member: Member,
    records: Iterable[StepRecord],
    signed_in: DirectorySignIn | None,
    reading: SignInReading,
) -> bool:
    """Says for three days that they signed in, and CloudTrail, read to beyond that, knows none.

    Somebody who was there before the portal may have activated longer ago than CloudTrail
    remembers: of them only the sign-in that Kiro asks for is doubted. Pure.
    """
    if signed_in is not None or reading.read_from is None or reading.read_to is None:
        return False
    doubted = _SIGNED_IN
    if member.origin == Member.Origin.ADOPTED:
        doubted = {Step.ORG_SIGN_IN}
    told = [record.told_at for record in records if record.step in doubted and record.told_at]
    told = [at for at in told if at >= reading.read_from]
    if any(record.evidence == WORKED for record in records):
        return False  # the activity report knows better
    return bool(told) and reading.read_to > min(told) + CONTRADICTED_AFTER


def apply(reading: SignInReading) -> int:
    """Hold everybody's word against what CloudTrail knows; how many steps were newly seen."""
    known = {row.user_id: row for row in DirectorySignIn.objects.filter(store_id=reading.store_id)}
    newly_seen = 0
    for member in _set_up().iterator(chunk_size=1000):
        records, signed_in = list(member.steps.all()), known.get(member.directory_user_id)
        if signed_in is not None:
            newly_seen += _mark_new(member, records, proofs(records, signed_in))
        _note(member, is_doubtful=is_contradicted(member, records, signed_in, reading))
    return newly_seen


def _set_up() -> QuerySet[Member]:
    steps = Prefetch("steps", StepRecord.objects.order_by("pk"))
    members = Member.objects.on_team().exclude(directory_user_id="")
    return members.prefetch_related(steps)


def _mark_new(member: Member, records: list[StepRecord], found: list[Proof]) -> int:
    """Only what says more than is known already, so that an hour without news writes nothing."""
    known = {record.step: record.evidence for record in records if record.seen_at}
    # What the report has seen is worth more than a sign-in, and stands.
    news = [proof for proof in found if known.get(proof.step) in {None, WITHOUT_MFA}]
    news = [proof for proof in news if known.get(proof.step) != proof.text]
    try:
        return sum(mark(member, proof) for proof in news)
    except checklist.HasLeft:  # a moment ago
        return 0


def _note(member: Member, *, is_doubtful: bool) -> None:
    if is_doubtful == (member.contradicted_at is not None):
        return
    Member.objects.filter(pk=member.pk).update(
        contradicted_at=timezone.now() if is_doubtful else None
    )
    member.refresh_from_db()
    trouble.assess(member)
