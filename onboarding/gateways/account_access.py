"""Gateway to IAM Identity Center's permission sets, and who has which account through them.

`sso-admin`, in Identity Center's own Region. Assigning is asynchronous: AWS takes a request and
works it off; `creation` and `deletion` tell how far it is. Every function raises
`portal.aws.AwsError` or one of its kinds.
API: https://docs.aws.amazon.com/singlesignon/latest/APIReference/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from portal import aws


@dataclass(frozen=True, slots=True)
class Center:
    """Which instance, and the Region it is asked in."""

    instance_arn: str
    region: str

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """One request about this instance; `operation` by AWS's own name."""
        named = {"InstanceArn": self.instance_arn, **parameters}
        return aws.call("sso-admin", self.region, operation, **named)

    def pages(self, operation: str, key: str, **parameters: Any) -> Iterator[Any]:
        """All items of a list operation, a hundred a request."""
        for answer in aws.answers(partial(self.call, operation, MaxResults=100, **parameters)):
            yield from answer.get(key, [])


@dataclass(frozen=True, slots=True)
class SetDetails:
    """A permission set as AWS has it. `session`: as AWS writes it, such as PT4H."""

    arn: str
    name: str
    description: str
    session: str


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody with access: `kind` is USER or GROUP."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Target:
    """What an assignment is about."""

    permission_set_arn: str
    account_id: str
    principal: Principal

    @property
    def parameters(self) -> dict[str, str]:
        return {
            "TargetId": self.account_id,
            "TargetType": "AWS_ACCOUNT",
            "PermissionSetArn": self.permission_set_arn,
            "PrincipalType": self.principal.kind,
            "PrincipalId": self.principal.id,
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """How far AWS is with a request. `id`: the request's; `reason`: why it failed."""

    id: str
    status: str
    reason: str
    request_id: str

    @classmethod
    def from_api(cls, answer: dict[str, Any], key: str) -> Progress:
        status = answer[key]
        return cls(
            id=status.get("RequestId", ""),
            status=status.get("Status", "IN_PROGRESS"),
            reason=status.get("FailureReason", ""),
            request_id=aws.request_id(answer),
        )

    @property
    def is_failed(self) -> bool:
        return self.status == "FAILED"

    @property
    def is_over(self) -> bool:
        return self.status != "IN_PROGRESS"


# Reading ---------------------------------------------------------------------------------------


def has_permission_sets(center: Center) -> bool:
    """An account instance has none. Where this cannot be told, the list of them is asked next."""
    try:
        return bool(center.call("DescribeInstance").get("PermissionSetsEnabled", True))
    except (aws.AwsUnavailable, aws.AwsUnsupported):
        return True


def permission_set_arns(center: Center) -> Iterator[str]:
    yield from center.pages("ListPermissionSets", "PermissionSets")


def describe(center: Center, arn: str) -> SetDetails:
    """Raises: AwsNotFound."""
    data = center.call("DescribePermissionSet", PermissionSetArn=arn)["PermissionSet"]
    return SetDetails(
        arn=data["PermissionSetArn"],
        name=data.get("Name", ""),
        description=data.get("Description", ""),
        session=data.get("SessionDuration", "PT1H"),
    )


def managed_policies(center: Center, arn: str) -> list[str]:
    """The ARNs of AWS's own policies in the set."""
    found = center.pages(
        "ListManagedPoliciesInPermissionSet", "AttachedManagedPolicies", PermissionSetArn=arn
    )
    return sorted(each["Arn"] for each in found)


def other_policies(center: Center, arn: str) -> list[str]:
    """The names of the company's own policies in the set, and whether one is written into it."""
    found = center.pages(
        "ListCustomerManagedPolicyReferencesInPermissionSet",
        "CustomerManagedPolicyReferences",
        PermissionSetArn=arn,
    )
    names = sorted(each["Name"] for each in found)
    written = center.call("GetInlinePolicyForPermissionSet", PermissionSetArn=arn)
    return [*names, "a policy of its own"] if written.get("InlinePolicy") else names


def accounts(center: Center, arn: str) -> list[str]:
    """The ids of the accounts that the set is provisioned in."""
    found = center.pages(
        "ListAccountsForProvisionedPermissionSet", "AccountIds", PermissionSetArn=arn
    )
    return list(found)


def principals(center: Center, arn: str, account_id: str) -> list[Principal]:
    """Who has the account through the set."""
    found = center.pages(
        "ListAccountAssignments",
        "AccountAssignments",
        PermissionSetArn=arn,
        AccountId=account_id,
    )
    return [Principal(each["PrincipalType"], each["PrincipalId"]) for each in found]


# Permission sets -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Made:
    """A set that AWS made: its ARN, and the request that made it."""

    arn: str
    request_id: str


def create(center: Center, *, name: str, description: str, session: str) -> Made:
    """Raises: AwsConflict when there is a set of that name."""
    more = {"Description": description} if description else {}
    answer = center.call("CreatePermissionSet", Name=name, SessionDuration=session, **more)
    return Made(answer["PermissionSet"]["PermissionSetArn"], aws.request_id(answer))


def attach(center: Center, arn: str, policy: str) -> None:
    """Raises: AwsConflict when it is attached already; AwsNotFound for an unknown policy."""
    center.call("AttachManagedPolicyToPermissionSet", PermissionSetArn=arn, ManagedPolicyArn=policy)


def delete(center: Center, arn: str) -> str:
    """The AWS request id. Raises: AwsConflict when somebody still has access through it."""
    return aws.request_id(center.call("DeletePermissionSet", PermissionSetArn=arn))


# Assignments -----------------------------------------------------------------------------------


def assign(center: Center, target: Target) -> Progress:
    """Asking for what is assigned already succeeds and changes nothing."""
    answer = center.call("CreateAccountAssignment", **target.parameters)
    return Progress.from_api(answer, "AccountAssignmentCreationStatus")


def unassign(center: Center, target: Target) -> Progress:
    """Raises: AwsNotFound when it is not assigned."""
    answer = center.call("DeleteAccountAssignment", **target.parameters)
    return Progress.from_api(answer, "AccountAssignmentDeletionStatus")


def creation(center: Center, request_id: str) -> Progress:
    """Raises: AwsNotFound for a request that AWS has forgotten."""
    answer = center.call(
        "DescribeAccountAssignmentCreationStatus", AccountAssignmentCreationRequestId=request_id
    )
    return Progress.from_api(answer, "AccountAssignmentCreationStatus")


def deletion(center: Center, request_id: str) -> Progress:
    """Raises: AwsNotFound for a request that AWS has forgotten."""
    answer = center.call(
        "DescribeAccountAssignmentDeletionStatus", AccountAssignmentDeletionRequestId=request_id
    )
    return Progress.from_api(answer, "AccountAssignmentDeletionStatus")
