"""What happened to a member, as sentences, from the audit log."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from onboarding.models import Member, Plan, Step
from onboarding.steps.verification import Verdict
from portal import audit
from portal.models import AuditEvent

SENTENCES = {
    "member.added": "Added to the team",
    "directory_user.created": "User created in Identity Center",
    "directory_user.adopted": "User found in Identity Center and taken over",
    "directory_user.renamed": "Name changed in Identity Center",
    "directory_user.deleted": "User deleted from Identity Center",
    "seat.requested": "Seat asked for: {plan}",
    "seat.given_back": "Seat given back",
    "member.set_up": "Set up",
    "member.setup_stopped": "Set-up stopped: {reason}",
    "member.retried": "Tried again",
    "member.renamed": "Name changed",
    "member.plan_changed": "Plan changed from {from} to {to}",
    "member.offboarding_asked": "Offboarding asked for, on {on}",
    "member.offboarding_cancelled": "Offboarding cancelled",
    "member.left": "Left the team",
    "invitation.accepted": "Opened the invitation",
    "invitation.resent": "Invitation sent again",
    "step.told": "Said done: {step}",
    "step.undone": "Took back: {step}",
    "step.seen": "Seen by the portal: {step}",
    "plan.checked": "Plan checked: {verdict}",
    "plan.seen_wrong": "Seen in the activity report: another plan than the seat’s",
    "individual_plan.still_paid": "Said: still pays for an individual plan",
    "help.asked": "Asked for help",
    "help.answered": "Call for help answered",
    "help.solved": "Call for help solved",
    "seat.asked_about": "Asked by mail whether the seat is needed",
    "reminders.stopped": "Reminders stopped",
    "reminders.resumed": "Reminders resumed",
    "drift.adopted": "Taken over as Identity Center has it",
    "drift.ignored": "Difference to Identity Center ignored: {reason}",
    "drift.watched": "Difference to Identity Center watched again",
    "drift.repair_asked": "Repair in Identity Center asked for",
    "drift.repaired": "Repaired in Identity Center",
    "drift.gone": "Difference to Identity Center gone by itself",
}
_VERDICTS = {
    Verdict.RIGHT: "right account and plan",
    Verdict.PERSONAL: "a personal account",
    Verdict.WRONG_PLAN: "right organization, wrong plan",
    Verdict.NOT_YET: "right organization, no plan yet",
    Verdict.CANNOT_TELL: "cannot tell",
}


@dataclass(frozen=True, slots=True)
class Happening:
    at: datetime
    text: str
    actor: str
    aws_request_id: str


def of(member: Member, plans: Iterable[Plan], *, most: int = 100) -> list[Happening]:
    """The newest first, in one query; `plans` are all there are, for their names."""
    names = {plan.code: plan.name for plan in plans}
    events = AuditEvent.objects.filter(subject=f"member:{member.pk}")[:most]
    return [_happening(event, names) for event in events]


def _happening(event: AuditEvent, plans: dict[str, str]) -> Happening:
    by = "the portal" if event.actor == audit.SYSTEM else event.actor
    return Happening(event.at, sentence(event, plans), by, event.aws_request_id)


def sentence(event: AuditEvent, plans: dict[str, str]) -> str:
    """The event in words; an action without a sentence is shown by its name."""
    words = {key: _word(key, value, plans) for key, value in event.detail.items()}
    try:
        return SENTENCES[event.action].format(**words)
    except KeyError:
        return event.action.replace(".", ": ").replace("_", " ")


def _word(key: str, value: Any, plans: dict[str, str]) -> str:
    if key in {"plan", "from", "to"}:
        return plans.get(value, str(value))
    if key == "step" and value in Step.values:
        return str(Step(value).label)
    if key == "verdict" and value in set(Verdict):
        return _VERDICTS[Verdict(value)]
    return str(value)
