"""Gateway to IAM Identity Center: users, groups and memberships in our words.

`identitystore` and `sso-admin`, both in Identity Center's own Region. Every function raises
`portal.aws.AwsError` or one of its kinds. Answers carry the AWS request id where something changed.
API: https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from portal import aws


@dataclass(frozen=True, slots=True)
class Directory:
    """Which identity store, and the Region it is asked in."""

    store_id: str
    region: str

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """One request about this store; `operation` by AWS's own name, such as `CreateUser`."""
        named = {"IdentityStoreId": self.store_id, **parameters}
        return aws.call("identitystore", self.region, operation, **named)

    def pages(self, operation: str, key: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """All items of a list operation, a hundred a request."""
        for answer in aws.answers(partial(self.call, operation, MaxResults=100, **parameters)):
            yield from answer[key]


@dataclass(frozen=True, slots=True)
class Instance:
    """An Identity Center instance as `ListInstances` shows it."""

    arn: str
    store_id: str
    account_id: str
    status: str


@dataclass(frozen=True, slots=True)
class DirectoryUser:
    """A user as Identity Center has it. `email`: the primary address, empty without one."""

    user_id: str
    user_name: str
    email: str
    created_at: datetime | None = None
    given_name: str = ""
    family_name: str = ""
    status: str = ""
    revision: str = ""

    @classmethod
    def from_api(cls, data: dict[str, Any]) -> DirectoryUser:
        emails = sorted(data.get("Emails", []), key=lambda email: not email.get("Primary"))
        name = data.get("Name", {})
        return cls(
            user_id=data["UserId"],
            user_name=data.get("UserName", ""),
            email=emails[0].get("Value", "") if emails else "",
            created_at=data.get("CreatedAt"),
            given_name=name.get("GivenName", ""),
            family_name=name.get("FamilyName", ""),
            status=data.get("UserStatus", ""),
            revision=data.get("Revision", ""),
        )


@dataclass(frozen=True, slots=True)
class Made:
    """Something that AWS made: its id there, and the request that made it."""

    id: str
    request_id: str


def list_instances(region: str) -> list[Instance]:
    """The instances that these credentials can see in the Region."""
    found = aws.answers(partial(aws.call, "sso-admin", region, "ListInstances"))
    return [
        Instance(
            arn=data["InstanceArn"],
            store_id=data["IdentityStoreId"],
            account_id=data.get("OwnerAccountId", ""),
            status=data.get("Status", ""),
        )
        for answer in found
        for data in answer["Instances"]
    ]


def list_applications(instance_arn: str, region: str) -> list[str]:
    """The names of the applications set up in the instance."""
    ask = partial(aws.call, "sso-admin", region, "ListApplications", InstanceArn=instance_arn)
    return [
        each.get("Name", "")
        for answer in aws.answers(ask)
        for each in answer.get("Applications", [])
    ]


# Users -----------------------------------------------------------------------------------------


def create_user(
    directory: Directory, *, user_name: str, email: str, given_name: str, family_name: str
) -> Made:
    """Raises: AwsConflict when the user name or the e-mail is there already."""
    answer = directory.call(
        "CreateUser",
        UserName=user_name,
        DisplayName=f"{given_name} {family_name}".strip(),
        # AWS wants both names; somebody with one name gets it twice.
        Name={"GivenName": given_name, "FamilyName": family_name or given_name},
        Emails=[{"Value": email, "Type": "work", "Primary": True}],
    )
    return Made(answer["UserId"], aws.request_id(answer))


def find_by_email(directory: Directory, email: str) -> DirectoryUser | None:
    return _find(directory, "emails.value", email)


def find_by_user_name(directory: Directory, user_name: str) -> DirectoryUser | None:
    return _find(directory, "userName", user_name)


def _find(directory: Directory, attribute: str, value: str) -> DirectoryUser | None:
    unique = {"AttributePath": attribute, "AttributeValue": value}
    try:
        found = directory.call("GetUserId", AlternateIdentifier={"UniqueAttribute": unique})
        return DirectoryUser.from_api(directory.call("DescribeUser", UserId=found["UserId"]))
    except aws.AwsNotFound:
        return None


def describe_user(directory: Directory, user_id: str) -> DirectoryUser:
    """Raises: AwsNotFound."""
    return DirectoryUser.from_api(directory.call("DescribeUser", UserId=user_id))


def rename_user(directory: Directory, user: DirectoryUser, *, given: str, family: str) -> str:
    """Change the names, unless somebody changed the user since it was read; the request id.

    Raises: AwsConflict with reason CONCURRENT_MODIFICATION; AwsNotFound.
    """
    changes = {
        "name.givenName": given,
        "name.familyName": family or given,
        "displayName": f"{given} {family}".strip(),
    }
    operations = [
        {"AttributePath": path, "AttributeValue": value} for path, value in changes.items()
    ]
    revision = {"Revision": user.revision} if user.revision else {}
    answer = directory.call("UpdateUser", UserId=user.user_id, Operations=operations, **revision)
    return aws.request_id(answer)


def delete_user(directory: Directory, user_id: str) -> str:
    """The AWS request id. Raises: AwsNotFound when the user is gone."""
    return aws.request_id(directory.call("DeleteUser", UserId=user_id))


def list_users(directory: Directory) -> Iterator[DirectoryUser]:
    for data in directory.pages("ListUsers", "Users"):
        yield DirectoryUser.from_api(data)


def users_page(directory: Directory, token: str) -> tuple[list[DirectoryUser], str]:
    """A hundred users, and the token of the page after them: empty at the start and the end."""
    more = {"NextToken": token} if token else {}
    answer = directory.call("ListUsers", MaxResults=100, **more)
    users = [DirectoryUser.from_api(data) for data in answer["Users"]]
    return users, answer.get("NextToken") or ""


# Groups and seats ------------------------------------------------------------------------------


def find_group(directory: Directory, name: str) -> str:
    """The id of the group with this display name, or an empty string."""
    unique = {"AttributePath": "displayName", "AttributeValue": name}
    try:
        answer = directory.call("GetGroupId", AlternateIdentifier={"UniqueAttribute": unique})
    except aws.AwsNotFound:
        return ""
    return str(answer["GroupId"])


def list_groups(directory: Directory) -> Iterator[tuple[str, str]]:
    """Id and display name of every group."""
    for data in directory.pages("ListGroups", "Groups"):
        yield data["GroupId"], data.get("DisplayName", "")


def group_name(directory: Directory, group_id: str) -> str:
    """What the group is called now. Raises: AwsNotFound when it is gone."""
    answer = directory.call("DescribeGroup", GroupId=group_id)
    return str(answer.get("DisplayName", ""))


def create_group(directory: Directory, *, name: str, description: str) -> Made:
    answer = directory.call("CreateGroup", DisplayName=name, Description=description)
    return Made(answer["GroupId"], aws.request_id(answer))


def join_group(directory: Directory, *, group_id: str, user_id: str) -> Made:
    """Raises: AwsConflict when the user is in the group already; AwsNotFound for either."""
    answer = directory.call("CreateGroupMembership", GroupId=group_id, MemberId={"UserId": user_id})
    return Made(answer["MembershipId"], aws.request_id(answer))


def membership_id(directory: Directory, *, group_id: str, user_id: str) -> str:
    """Raises: AwsNotFound when the user is not in the group."""
    answer = directory.call("GetGroupMembershipId", GroupId=group_id, MemberId={"UserId": user_id})
    return str(answer["MembershipId"])


def leave_group(directory: Directory, membership_id: str) -> str:
    """The AWS request id. Raises: AwsNotFound when the membership is gone."""
    return aws.request_id(directory.call("DeleteGroupMembership", MembershipId=membership_id))


def list_group_members(directory: Directory, group_id: str) -> Iterator[str]:
    """The ids of the users in the group. Raises: AwsNotFound when the group is gone."""
    for data in directory.pages("ListGroupMemberships", "GroupMemberships", GroupId=group_id):
        if user_id := data["MemberId"].get("UserId"):
            yield user_id
