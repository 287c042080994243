"""Reading permission sets and their assignments from AWS; nothing is written.

A few requests a set and one for each account it is in; then the names of whoever has access.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from onboarding.gateways import account_access, identity_center
from onboarding.gateways.account_access import Center, Principal, SetDetails
from onboarding.gateways.identity_center import Directory
from onboarding.models import AccountAssignment, Member
from portal.aws import AwsError, AwsNotFound
from portal.models import Workspace

Kind = AccountAssignment.Kind
Keep = Callable[[], None]

MOST_GROUPS = 1000
"""More than anybody picks from a list."""

NOT_HERE = (
    "This Identity Center instance has no permission sets: it is an account instance. Only an"
    " organization instance has them, enabled in the management account of AWS Organizations. Kiro"
    " and everything else here work without."
)


class NotOffered(Exception):
    """The instance has no permission sets; the message says so."""


class NotConnected(Exception):
    """There is no instance to ask."""


@dataclass(frozen=True, slots=True)
class SeenSet:
    """A permission set with all that hangs on it. `holders`: account id and principal."""

    details: SetDetails
    policies: list[str]
    others: list[str]
    accounts: list[str]
    holders: list[tuple[str, Principal]]


@dataclass(frozen=True, slots=True)
class SeenGroup:
    """A group, and who is in it when it has access somewhere."""

    id: str
    name: str
    user_ids: list[str]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Permission sets, groups and names as one reading found them. `names`: of the principals."""

    sets: list[SeenSet]
    groups: list[SeenGroup]
    names: dict[Principal, str] = field(default_factory=dict)


def center_of(workspace: Workspace) -> Center:
    """Raises: NotConnected."""
    if not workspace.instance_arn:
        raise NotConnected("The portal is not connected to AWS yet.")
    return Center(workspace.instance_arn, workspace.identity_center_region)


def take(workspace: Workspace, *, keep: Keep) -> Snapshot:
    """`keep` is called before each step. Raises: NotConnected, NotOffered, portal.aws.AwsError."""
    center = center_of(workspace)
    directory = Directory(workspace.identity_store_id, workspace.identity_center_region)
    sets = list(_sets(center, keep))
    holders = {principal for each in sets for _, principal in each.holders}
    groups = list(_groups(directory, holders, keep))
    names = {Principal(Kind.GROUP, group.id): group.name for group in groups}
    users = [each.id for each in holders if each.kind == Kind.USER]
    return Snapshot(sets, groups, names | _names_of_users(directory, users, keep))


# Permission sets -------------------------------------------------------------------------------


def _sets(center: Center, keep: Keep) -> Iterator[SeenSet]:
    keep()
    if not account_access.has_permission_sets(center):
        raise NotOffered(NOT_HERE)
    for arn in _arns(center):
        keep()
        try:
            yield _set(center, arn, keep)
        except AwsNotFound:  # somebody deleted it since it was listed
            continue


def _arns(center: Center) -> list[str]:
    try:
        return list(account_access.permission_set_arns(center))
    except AwsError as error:
        if error.code == "ValidationException":  # what an account instance answers
            raise NotOffered(NOT_HERE) from error
        raise


def _set(center: Center, arn: str, keep: Keep) -> SeenSet:
    accounts = account_access.accounts(center, arn)
    holders = []
    for account_id in accounts:
        keep()
        found = account_access.principals(center, arn, account_id)
        holders += [(account_id, principal) for principal in found]
    return SeenSet(
        details=account_access.describe(center, arn),
        policies=account_access.managed_policies(center, arn),
        others=account_access.other_policies(center, arn),
        accounts=accounts,
        holders=holders,
    )


# Names -----------------------------------------------------------------------------------------


def _groups(directory: Directory, holders: set[Principal], keep: Keep) -> Iterator[SeenGroup]:
    """Those with access, and the others to pick from."""
    keep()
    listed = dict(islice(identity_center.list_groups(directory), MOST_GROUPS))
    with_access = {each.id for each in holders if each.kind == Kind.GROUP}
    for group_id in with_access:
        keep()
        yield _group_with_access(directory, group_id, listed)
    for group_id, name in listed.items():
        if group_id not in with_access:
            yield SeenGroup(group_id, name, [])


def _group_with_access(directory: Directory, group_id: str, listed: dict[str, str]) -> SeenGroup:
    try:
        name = listed.get(group_id) or identity_center.group_name(directory, group_id)
        return SeenGroup(
            group_id, name, list(identity_center.list_group_members(directory, group_id))
        )
    except AwsNotFound:
        return SeenGroup(group_id, "A deleted group", [])


def _names_of_users(
    directory: Directory, user_ids: Iterable[str], keep: Keep
) -> dict[Principal, str]:
    """Members by our own rows, the rest from Identity Center."""
    wanted = set(user_ids)
    ours = {
        member.directory_user_id: member.full_name
        for member in Member.objects.filter(directory_user_id__in=wanted)
    }
    names = {}
    for user_id in wanted:
        if user_id not in ours:
            keep()
        names[Principal(Kind.USER, user_id)] = ours.get(user_id) or _name(directory, user_id)
    return names


def _name(directory: Directory, user_id: str) -> str:
    try:
        user = identity_center.describe_user(directory, user_id)
    except AwsNotFound:
        return "A deleted user"
    return f"{user.given_name} {user.family_name}".strip() or user.user_name
