"""The permission that AWS refused for, by the name that the policy has for it."""

import pytest

from onboarding.setup import policy
from portal import permissions
from portal.aws import AwsDenied

OPERATIONS = {"s3:ListBucket": "ListObjectsV2"}
"""Where AWS names the permission otherwise."""


def denied(operation, code="AccessDeniedException"):
    return AwsDenied(operation, code, "not authorized")


@pytest.mark.parametrize("action", sorted(policy.actions() - {"ses:SendEmail"}))
def test_every_operation_has_its_permission(action):
    operation = OPERATIONS.get(action, action.partition(":")[2])

    assert permissions.missing(denied(operation)) == action


def test_bad_credentials_lack_none():
    assert permissions.missing(denied("UpdateUser", code="ExpiredTokenException")) == ""


def test_what_is_optional_is_in_the_policy():
    assert policy.actions() >= permissions.OPTIONAL
