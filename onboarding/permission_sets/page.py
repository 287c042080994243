"""What the access page says, in words, from our own tables alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from onboarding.models import (
    AccessGroup,
    AccessReading,
    AccountAssignment,
    Member,
    PermissionSet,
)
from onboarding.models.access import State, Wish
from onboarding.permission_sets import presets, switch
from portal.models import Workspace

Outcome = AccessReading.Outcome
MOST_NAMES = 50
MOST_PROPOSED = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One assignment. `member`: when it is somebody on the team; `people`: who is in the group."""

    assignment: AccountAssignment
    member: Member | None
    people: list[str]
    count: int

    @property
    def is_group(self) -> bool:
        return self.assignment.principal_type == AccountAssignment.Kind.GROUP

    @property
    def who(self) -> str:
        return self.member.full_name if self.member else self.assignment.principal_name

    @property
    def session(self) -> str:
        return presets.session_words(self.assignment.permission_set.session)

    @property
    def badge(self) -> tuple[str, str]:
        return badge(self.assignment)


@dataclass(frozen=True, slots=True)
class SetRow:
    """One permission set. `holders`: how many have something through it."""

    permission_set: PermissionSet
    holders: int

    @property
    def session(self) -> str:
        return presets.session_words(self.permission_set.session)

    @property
    def policies(self) -> list[str]:
        names = [presets.policy_name(arn) for arn in self.permission_set.policies]
        return [*names, *self.permission_set.others]

    @property
    def badge(self) -> tuple[str, str]:
        return badge(self.permission_set)


def badge(row: Wish) -> tuple[str, str]:
    """Tone and words of a row that is not simply there; empty words for one that is."""
    if row.state == State.THERE:
        return "", ""
    if row.is_quarantined or row.is_stopped:
        return "bad", "Not made" if row.state == State.WANTED else "Not removed"
    return "info", State(row.state).label


# The table -------------------------------------------------------------------------------------


def select() -> Any:
    """Who has which account, with what is under way."""
    rows = AccountAssignment.objects.exclude(state=State.GONE).select_related("permission_set")
    return rows.order_by("account_id", "principal_type", "principal_name", "pk")


def rows(found: Iterable[AccountAssignment]) -> list[Row]:
    assignments = list(found)
    ids = {each.principal_id for each in assignments}
    groups = {group.group_id: group for group in AccessGroup.objects.filter(group_id__in=ids)}
    inside = {user_id for group in groups.values() for user_id in group.user_ids}
    members = {
        member.directory_user_id: member
        for member in Member.objects.on_team().filter(directory_user_id__in=ids | inside)
    }
    return [_row(each, groups.get(each.principal_id), members) for each in assignments]


def _row(
    assignment: AccountAssignment, group: AccessGroup | None, members: dict[str, Member]
) -> Row:
    user_ids = group.user_ids if group else []
    names = sorted(members[user_id].full_name for user_id in user_ids if user_id in members)
    member = members.get(assignment.principal_id)
    return Row(assignment, member, names[:MOST_NAMES], len(user_ids))


def sets() -> list[SetRow]:
    used = Count("assignments", filter=~Q(assignments__state=State.GONE))
    found = PermissionSet.objects.exclude(state=State.GONE).annotate(holders=used)
    return [SetRow(each, each.holders) for each in found.order_by("name")]


def accounts(workspace: Workspace, found: Iterable[SetRow]) -> list[str]:
    """The company's own account, then every other that something is known of."""
    known = {account for row in found for account in row.permission_set.accounts}
    given = AccountAssignment.objects.exclude(state=State.GONE).values_list("account_id", flat=True)
    others = sorted((known | set(given.distinct())) - {workspace.account_id})
    return [workspace.account_id, *others] if workspace.account_id else others


def people() -> list[str]:
    """E-mails to propose, of a team that is not too large for a list."""
    emails = Member.objects.on_team().exclude(directory_user_id="").order_by("email")
    return list(emails.values_list("email", flat=True)[:MOST_PROPOSED])


# Around it -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the page can be trusted. `hidden`: why there is nothing to show, with `missing`."""

    reading: AccessReading | None
    done: AccessReading | None
    hidden: str
    missing: str

    @property
    def is_under_way(self) -> bool:
        return self.reading is not None and self.reading.outcome == Outcome.UNDER_WAY

    @property
    def is_failed(self) -> bool:
        return self.reading is not None and self.reading.outcome == Outcome.FAILED

    @property
    def read_at(self) -> Any:
        return self.done.finished_at if self.done else None


def standing(workspace: Workspace) -> Standing:
    """Readings of an instance connected earlier tell nothing of this one."""
    ours = AccessReading.objects.filter(instance_arn=workspace.instance_arn)
    latest, done = ours.first(), ours.done().first()
    ended = ours.ended().first()
    hidden = _hidden(workspace, ended, is_known=done is not None)
    return Standing(latest, done, hidden, ended.missing if ended and hidden else "")


def _hidden(workspace: Workspace, ended: AccessReading | None, *, is_known: bool) -> str:
    if not switch.may_read():
        return "Reading and managing access is switched off on this portal (ACCESS=off)."
    if not workspace.is_connected:
        return "AWS is not connected yet."
    if ended is None or ended.outcome == Outcome.DONE:
        return ""
    if ended.outcome == Outcome.NOT_OFFERED or not is_known:
        return ended.reason
    return ""
