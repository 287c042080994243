"""Which permission AWS refused for, and whether the portal can do its work without it."""

from portal.aws import AwsDenied

OPTIONAL = {"identitystore:UpdateUser", "identitystore:DeleteUser"}
"""A company may keep these to itself: what needs them stops, and nothing else."""

_ACTIONS = {
    "AssumeRole": "sts:AssumeRole",
    "AssumeRoleWithWebIdentity": "sts:AssumeRoleWithWebIdentity",
    "GetCallerIdentity": "sts:GetCallerIdentity",
    "GetCostAndUsage": "ce:GetCostAndUsage",
    "GetCredits": "billing:GetCredits",
    "LookupEvents": "cloudtrail:LookupEvents",
    "ListObjectsV2": "s3:ListBucket",
    "GetObject": "s3:GetObject",
}
_IN_IDENTITY_STORE = {
    "CreateGroup",
    "CreateGroupMembership",
    "CreateUser",
    "DeleteGroupMembership",
    "DeleteUser",
    "DescribeGroup",
    "DescribeUser",
    "GetGroupId",
    "GetGroupMembershipId",
    "GetUserId",
    "ListGroupMemberships",
    "ListGroups",
    "ListUsers",
    "UpdateUser",
}


def missing(error: AwsDenied) -> str:
    """The permission to add when that is what AWS refused for; empty for bad credentials."""
    if not error.is_permission:
        return ""
    service = "identitystore" if error.operation in _IN_IDENTITY_STORE else "sso"
    return _ACTIONS.get(error.operation, f"{service}:{error.operation}")


def how_to_add(permission: str) -> str:
    return f"The portal may not do this: add {permission} to its policy, then try again."
