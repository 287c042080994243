"""The team board: which members, in which order, and what each row says."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from onboarding.models import Member, Step, StepRecord
from onboarding.steps import current_step
from onboarding.steps.step_views import StepView, steps_of
from onboarding.team import explanations, searching

IN_TROUBLE = "trouble"

STATUSES = [
    ("", "All"),
    (IN_TROUBLE, "In trouble"),
    *Member.Status.choices,
]
SORTS: dict[str, list[Any]] = {
    "newest": ["-pk"],  # rows are added in the order of their keys, and these have an index
    "name": [Lower("given_name"), Lower("family_name"), "pk"],
    "trouble": [F("trouble_since").asc(nulls_last=True), "-pk"],
    "activity": [F("last_activity_at").desc(nulls_last=True), "-pk"],
    "steps": ["steps_done", "-pk"],
}


@dataclass(frozen=True, slots=True)
class Badge:
    """One word or phrase on a row; `tone` is good, warn, bad, info or quiet."""

    tone: str
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    member: Member
    steps: list[StepView]
    badge: Badge

    @property
    def states(self) -> list[str]:
        return [step.state if step.is_done else "to do" for step in self.steps]

    @property
    def invited_at(self) -> datetime:
        return self.member.invited_at or self.member.added_at

    @property
    def last_seen_at(self) -> datetime | None:
        return self.member.last_activity_at

    @property
    def error(self) -> str:
        return self.badge.hint if self.badge.tone in {"bad", "warn"} else ""

    @property
    def can_retry(self) -> bool:
        """There is something to try: a set-up that stopped or waits, or a mail that was refused."""
        member = self.member
        is_stopped = member.status == Member.Status.FAILED
        waits = member.is_quarantined or bool(member.last_error)
        return is_stopped or waits or member.trouble == Member.Trouble.MAIL_REFUSED

    @property
    def can_resend(self) -> bool:
        return self.member.status == Member.Status.INVITED


LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """What the board was asked for; what makes no sense asks for nothing, and is no error."""

    q: str = ""
    status: str = ""
    plan: str = ""
    step: str = ""
    sort: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> "Filters":
        """As the address has it."""
        return cls(**{field.name: _tidy(asked.get(field.name, "")) for field in fields(cls)})

    @property
    def is_any(self) -> bool:
        return bool(self.q or self.status or self.plan or self.step)


def _tidy(text: str) -> str:
    text = text.strip()
    return "" if "\0" in text or len(text) > LONGEST_SEARCH else text


def is_in_work(member: Member, *, now: datetime) -> bool:
    """Something about the member will change by itself any moment: the page looks again."""
    is_due = member.next_try_at is not None and member.next_try_at <= now
    waits = member.status == Member.Status.QUEUED and member.next_try_at is not None
    return (waits or is_due) and not member.is_quarantined


def select(filters: Filters) -> QuerySet[Member]:
    """The members asked for, in the order asked for."""
    has_left = filters.status == Member.Status.REMOVED
    members = Member.objects.all() if has_left else Member.objects.on_team()
    return members.filter(condition(filters)).order_by(*order(filters))


def order(filters: Filters) -> list[Any]:
    return SORTS.get(filters.sort, SORTS["newest"])


def condition(filters: Filters) -> Q:
    """What a member who is asked for meets, beyond being on the team."""
    asked = _of_status(filters.status) & _of_text(filters.q)
    if filters.plan:
        asked &= Q(plan__code=filters.plan)
    if filters.step in Step.values:
        asked &= Q(status=Member.Status.INVITED) & current_step.at(Step(filters.step))
    return asked


def _of_status(status: str) -> Q:
    if status == IN_TROUBLE:
        return ~Q(trouble="")
    return Q(status=status) if status in Member.Status.values else Q()


def _of_text(text: str) -> Q:
    """Every word of the search somewhere in the names or the e-mail."""
    found = Q()
    for word in text.split()[:5]:
        found &= searching.containing(word)
    return found


def rows(members: list[Member], *, now: datetime | None = None) -> list[Row]:
    """`members` come with `steps` prefetched."""
    now = now or timezone.now()
    return [_row(member, list(member.steps.all()), now) for member in members]


def _row(member: Member, records: list[StepRecord], now: datetime) -> Row:
    taken = {record.step for record in records}
    return Row(member, steps_of(member, records), badge_of(member, taken, now=now))


def badge_of(member: Member, taken: Collection[str], *, now: datetime) -> Badge:
    """How the member stands, in a phrase. `taken`: the steps they took."""
    if member.trouble:
        return _trouble_badge(member, now=now)
    if member.status == Member.Status.QUEUED:
        return _setup_badge(member)
    if member.status == Member.Status.VERIFIED:
        return Badge("good", "Verified")
    if member.status in {Member.Status.REMOVED, Member.Status.LEAVING}:
        return _leaving_badge(member)
    step = current_step.of(taken) or Step.VERIFY_PLAN
    return Badge("info" if taken else "quiet", _DOING.get(step, step.label))


_DOING = {
    Step.ACTIVATE: "Invited",
    Step.CANCEL_INDIVIDUAL: "Activated",
    Step.SIGN_OUT: "Signing out",
    Step.ORG_SIGN_IN: "Signing in",
    Step.VERIFY_PLAN: "Verifying",
}
"""At which step somebody is called what."""
_GRAVE = {
    Member.Trouble.WRONG_IDENTITY,
    Member.Trouble.NAME_TAKEN,
    Member.Trouble.REFUSED,
    Member.Trouble.KEEPS_FAILING,
    Member.Trouble.NOT_CONNECTED,
    Member.Trouble.USER_MISSING,
    Member.Trouble.DISABLED,
}


def _setup_badge(member: Member) -> Badge:
    if member.next_try_at is None:
        return Badge("quiet", "On hold", "The import that brings this member is paused.")
    if member.last_error:
        return Badge("warn", "Waiting for AWS", member.last_error)
    return Badge("info", "Being set up")


def _leaving_badge(member: Member) -> Badge:
    if member.status == Member.Status.REMOVED:
        return Badge("quiet", "Left")
    on = f" on {member.leaves_on:%d %b}" if member.leaves_on else ""
    return Badge("quiet", f"Leaving{on}")


def _trouble_badge(member: Member, *, now: datetime) -> Badge:
    found = Member.Trouble(member.trouble)
    words = str(found.label)
    if found == Member.Trouble.SEAT_MISSING and member.seat_requested_at:
        words += f", {_length(now - member.seat_requested_at)}"
    if found == Member.Trouble.STUCK:
        since = member.last_activity_at or member.invited_at
        words += f", {_length(now - since)}" if since else ""
    return Badge("bad" if found in _GRAVE else "warn", words, explanations.of(member))


def _length(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return f"{hours} h" if hours < 48 else f"{hours // 24} d"


EXPORT = [
    "email",
    "given_name",
    "family_name",
    "plan",
    "status",
    "step",
    "steps_done",
    "invited_at",
    "last_activity_at",
    "directory_user_id",
    "trouble",
]


def export(filters: Filters) -> Iterator[list[object]]:
    """The board as filtered, a list a member, in the order of `EXPORT`."""
    members = select(filters).annotate(step=current_step.column()).select_related("plan")
    for member in members.iterator(chunk_size=1000):
        yield [
            member.email,
            member.given_name,
            member.family_name,
            member.plan.code,
            member.status,
            member.step,
            member.steps_done,
            member.invited_at,
            member.last_activity_at,
            member.directory_user_id,
            member.trouble,
        ]
