"""Identity Center's own API (sso-admin): the one instance and its Kiro application; permission sets
elsewhere.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from portal.sandbox import company, shapes
from portal.sandbox.company import (
    ACCOUNT_ID,
    APPLICATION_ARN,
    IDENTITY_STORE_ARN,
    INSTANCE_ARN,
    REGION,
)
from portal.sandbox.control import Control, Json, Request
from portal.sandbox.permission_sets import PermissionSets
from portal.sandbox.service import Result, Service
from portal.sandbox.wire import Answer, AwsError, Call, result


class IdentityCenter(Service):
    """`since` is the day the instance was enabled; `has_company` adds the sample's Kiro
    application.
    """

    name = "sso-admin"

    def __init__(self, permission_sets: PermissionSets, *, since: date, has_company: bool) -> None:
        super().__init__()
        self._permission_sets = permission_sets
        self._since = datetime(since.year, since.month, since.day, 9, 30, tzinfo=UTC)
        # What a founder may have left out, as the control sets it.
        self._has = {"instance": True, "application": has_company, "permission_sets": True}
        self.operations = {
            "ListInstances": self.list_instances,
            "DescribeInstance": self.describe_instance,
            "ListApplications": self.list_applications,
            "DescribeApplication": self.describe_application,
        }

    def attach(self, control: Control) -> None:
        control.add("POST", "identity-center", self.set_up)
        control.add("POST", "assignments", self.fail_next)

    def set_up(self, request: Request) -> Json:
        """{"instance": false, "application": false, "permission_sets": false}, each optional."""
        given = {name: bool(value) for name, value in request.json.items() if name in self._has}
        if len(given) != len(request.json):
            raise ValueError(f"Known are {', '.join(self._has)}.")
        self._has |= given
        return dict(self._has)

    def fail_next(self, request: Request) -> Json:
        """{"reason": …}: the next request for an account, or to take one away, fails with it."""
        self._permission_sets.assignments.fail_next = str(request.json["reason"])
        return {"reason": self._permission_sets.assignments.fail_next}

    def check(self, call: Call) -> None:
        instance = call.params.get("InstanceArn", INSTANCE_ARN)
        if call.operation == "ListInstances" or (
            instance == INSTANCE_ARN and call.region == REGION
        ):
            return
        if call.operation in (
            "DescribeInstance",
            "ListApplications",
        ):  # their models know no ResourceNotFound
            raise AwsError(
                "AccessDeniedException", f"User is not authorized to perform: sso:{call.operation}"
            )
        raise AwsError("ResourceNotFoundException", f"Could not find Instance with arn {instance}")

    def respond(self, call: Call) -> Answer:
        """Our own answer where moto has none or a lax one, moto's otherwise."""
        if call.operation in self.operations:
            return result(call, self.answer(call))
        shapes.validate(call)
        self.check(call)
        if not self._has["permission_sets"]:
            raise AwsError(
                "ValidationException",
                "The operation is not supported for this Identity Center instance",
            )
        return self._permission_sets.respond(call)

    def _instance(self) -> dict[str, Any]:
        return {
            "InstanceArn": INSTANCE_ARN,
            "IdentityStoreId": company.IDENTITY_STORE_ID,
            "IdentityStoreArn": IDENTITY_STORE_ARN,
            "OwnerAccountId": ACCOUNT_ID,
            "Name": company.NAME.replace(" ", "-"),
            "CreatedDate": self._since,
            "Status": "ACTIVE",
            "PrimaryRegion": REGION,
        }

    def list_instances(self, call: Call) -> Result:
        is_seen = self._has["instance"] and call.region == REGION
        return {"Instances": [self._instance()] if is_seen else []}

    def describe_instance(self, call: Call) -> Result:
        return {**self._instance(), "PermissionSetsEnabled": self._has["permission_sets"]}

    def _applications(self) -> list[dict[str, Any]]:
        application = {
            "ApplicationArn": APPLICATION_ARN,
            "ApplicationProviderArn": "arn:aws:sso::aws:applicationProvider/kiro",
            "Name": company.APPLICATION_NAME,
            "ApplicationAccount": ACCOUNT_ID,
            "InstanceArn": INSTANCE_ARN,
            "IdentityStoreArn": IDENTITY_STORE_ARN,
            "Status": "ENABLED",
            "CreatedDate": self._since,
            "CreatedFrom": REGION,
        }
        return [application] if self._has["application"] else []

    def list_applications(self, call: Call) -> Result:
        wanted = call.params.get("Filter") or {}
        keys = {
            "ApplicationAccount": "ApplicationAccount",
            "ApplicationProvider": "ApplicationProviderArn",
        }
        found = [
            a
            for a in self._applications()
            if all(a[keys[name]] == value for name, value in wanted.items())
        ]
        return {"Applications": found}

    def describe_application(self, call: Call) -> Result:
        for application in self._applications():
            if application["ApplicationArn"] == call.params["ApplicationArn"]:
                return application
        raise AwsError("ResourceNotFoundException", "Application not found.")
