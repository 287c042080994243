"""The IAM policy for exactly what is switched on, as narrow as AWS allows.

`NAMED` is every action the code uses; `tests/onboarding/test_policy.py` reads the code and compares
both ways.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from portal.models import Workspace

ANY = "*"
"""For actions that AWS lets nobody narrow down."""


@dataclass(frozen=True, slots=True)
class Part:
    """One statement. `kind`: which resources it is about, see `_resources`."""

    name: str
    kind: str
    actions: tuple[str, ...]


NAMED = (
    Part("WhoAmI", "any", ("sts:GetCallerIdentity",)),
    Part("FindIdentityCenter", "any", ("sso:ListInstances",)),
    Part("SeeKiroApplication", "instance", ("sso:ListApplications",)),
    Part(
        "ReadPeopleAndSeats",
        "directory",
        (
            "identitystore:DescribeGroup",
            "identitystore:DescribeUser",
            "identitystore:GetGroupId",
            "identitystore:GetGroupMembershipId",
            "identitystore:GetUserId",
            "identitystore:ListGroupMemberships",
            "identitystore:ListGroups",
            "identitystore:ListUsers",
        ),
    ),
    Part(
        "ManagePeopleAndSeats",
        "directory",
        (
            "identitystore:CreateGroup",
            "identitystore:CreateGroupMembership",
            "identitystore:CreateUser",
            "identitystore:DeleteGroupMembership",
            "identitystore:DeleteUser",
            "identitystore:UpdateUser",
        ),
    ),
    Part(
        "ReadAccess",
        "access-read",
        (
            "sso:DescribeInstance",
            "sso:DescribePermissionSet",
            "sso:GetInlinePolicyForPermissionSet",
            "sso:ListAccountAssignments",
            "sso:ListAccountsForProvisionedPermissionSet",
            "sso:ListCustomerManagedPolicyReferencesInPermissionSet",
            "sso:ListManagedPoliciesInPermissionSet",
            "sso:ListPermissionSets",
        ),
    ),
    Part(
        "ManageAccess",
        "access-manage",
        (
            "sso:AttachManagedPolicyToPermissionSet",
            "sso:CreateAccountAssignment",
            "sso:CreatePermissionSet",
            "sso:DeleteAccountAssignment",
            "sso:DeletePermissionSet",
            "sso:DescribeAccountAssignmentCreationStatus",
            "sso:DescribeAccountAssignmentDeletionStatus",
        ),
    ),
    Part("ReadCost", "any", ("ce:GetCostAndUsage",)),
    Part("ReadCredits", "any", ("billing:GetCredits",)),
    Part("ReadSignInsAndRefusals", "any", ("cloudtrail:LookupEvents",)),
    Part("ListReports", "bucket", ("s3:ListBucket",)),
    Part("ReadReports", "reports", ("s3:GetObject",)),
    Part("SendMail", "mail", ("ses:SendEmail",)),
)


def document(workspace: Workspace) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(_statements(workspace))}


def actions() -> set[str]:
    """Every action the portal may ever use, whatever is switched on."""
    return {action for part in NAMED for action in part.actions}


def _statements(workspace: Workspace) -> Iterator[dict[str, Any]]:
    for part in NAMED:
        resources = _resources(part.kind, workspace)
        if not resources:
            continue
        statement: dict[str, Any] = {
            "Sid": part.name,
            "Effect": "Allow",
            "Action": list(part.actions),
            "Resource": resources if len(resources) > 1 else resources[0],
        }
        if part.kind == "bucket":
            statement["Condition"] = {"StringLike": {"s3:prefix": f"{_folder(workspace)}*"}}
        yield statement


def _resources(kind: str, workspace: Workspace) -> list[str]:
    """None for what is switched off: no report bucket, mail that does not go through SES, no
    managing of access.
    """
    bucket = f"arn:aws:s3:::{workspace.report_bucket}"
    return {
        "any": [ANY],
        "instance": _instance(workspace),
        "access-read": _access(workspace) if settings.ACCESS != "off" else [],
        "access-manage": _access(workspace) if settings.ACCESS == "manage" else [],
        "directory": _directory(workspace),
        "bucket": [bucket] if workspace.report_bucket else [],
        "reports": [f"{bucket}/{_folder(workspace)}*"] if workspace.report_bucket else [],
        "mail": [f"arn:aws:ses:*:{_account(workspace)}:identity/*"] if _mails_by_ses() else [],
    }[kind]


def _instance(workspace: Workspace) -> list[str]:
    instance = workspace.instance_arn or "arn:aws:sso:::instance/*"
    own = instance.rpartition("/")[2]
    return [instance, f"arn:aws:sso::{_account(workspace)}:application/{own}/*"]


def _access(workspace: Workspace) -> list[str]:
    """The instance, its permission sets, and any account: which there are, only AWS knows."""
    instance = workspace.instance_arn or "arn:aws:sso:::instance/*"
    sets = f"{instance.replace(':instance/', ':permissionSet/')}/*"
    return [instance, sets, "arn:aws:sso:::account/*"]


def _directory(workspace: Workspace) -> list[str]:
    """AWS names users, groups and memberships without their account or store."""
    store = workspace.identity_store_id or "*"
    return [
        f"arn:aws:identitystore::{_account(workspace)}:identitystore/{store}",
        "arn:aws:identitystore:::user/*",
        "arn:aws:identitystore:::group/*",
        "arn:aws:identitystore:::membership/*",
    ]


def _folder(workspace: Workspace) -> str:
    prefix = f"{workspace.report_prefix.strip('/')}/" if workspace.report_prefix else ""
    return f"{prefix}AWSLogs/{_account(workspace)}/KiroLogs/user_report/"


def _account(workspace: Workspace) -> str:
    return workspace.account_id or "*"


def _mails_by_ses() -> bool:
    return "amazon_ses" in settings.EMAIL_BACKEND
