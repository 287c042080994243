"""Who has which account through which permission set, and the requests for it that AWS works off in
the background: in progress at first, then succeeded or failed. moto's succeed at once.
"""

from __future__ import annotations

import dataclasses
import time
import uuid
from collections.abc import Iterable
from typing import Any

from portal.sandbox.service import Operation, Result, make_token, read_token
from portal.sandbox.wire import AwsError, Call

_KEY = ("TargetId", "PermissionSetArn", "PrincipalType", "PrincipalId")
_A_PAGE = 100
IN_PROGRESS_FOR = 1
"""How often a poll is answered with "in progress"."""


@dataclasses.dataclass
class Request:
    """One CreateAccountAssignment or DeleteAccountAssignment. `reason`: why it is going to fail."""

    id: str
    is_creation: bool
    params: dict[str, Any]
    reason: str
    polls_left: int = IN_PROGRESS_FOR
    created_at: float = dataclasses.field(default_factory=time.time)

    def as_status(self, *, is_over: bool) -> dict[str, Any]:
        """As AWS describes it."""
        status: dict[str, Any] = {
            "Status": "IN_PROGRESS",
            "RequestId": self.id,
            "TargetType": "AWS_ACCOUNT",
            "CreatedDate": self.created_at,
            **{name: self.params[name] for name in _KEY},
        }
        if is_over and self.reason:
            return {**status, "Status": "FAILED", "FailureReason": self.reason}
        return {**status, "Status": "SUCCEEDED"} if is_over else status


class Assignments:
    """`fail_next`: the reason for which the next request fails, as the control sets it."""

    def __init__(self) -> None:
        self._assigned: dict[tuple[str, ...], dict[str, Any]] = {}
        self._requests: dict[str, Request] = {}
        self.fail_next = ""
        self.operations: dict[str, Operation] = {
            "CreateAccountAssignment": self._asked,
            "DeleteAccountAssignment": self._asked,
            "DescribeAccountAssignmentCreationStatus": self._poll,
            "DescribeAccountAssignmentDeletionStatus": self._poll,
            "ListAccountAssignments": self._listed,
            "ListAccountsForProvisionedPermissionSet": self._accounts,
            "ListPermissionSetsProvisionedToAccount": self._sets,
        }

    def has_any(self, permission_set_arn: str) -> bool:
        return any(each["PermissionSetArn"] == permission_set_arn for each in self._all())

    def assign(self, params: dict[str, Any]) -> None:
        """The sample's own, without a request."""
        self._assigned[_key(params)] = {name: params[name] for name in _KEY}

    def replay(self, event: dict[str, Any]) -> None:
        """A request of an earlier run, over by now."""
        is_creation = event["operation"] == "CreateAccountAssignment"
        request_id = event.get("request") or str(uuid.uuid4())
        request = Request(request_id, is_creation, event["params"], event.get("reason", ""), 0)
        self._take(request)

    def _all(self) -> Iterable[dict[str, Any]]:
        return self._assigned.values()

    def _take(self, request: Request) -> None:
        """Assigning twice is assigning once."""
        self._requests[request.id] = request
        if request.reason:
            return
        if request.is_creation:
            self.assign(request.params)
        else:
            self._assigned.pop(_key(request.params), None)

    def _asked(self, call: Call) -> Result:
        is_creation = call.operation == "CreateAccountAssignment"
        if not is_creation and _key(call.params) not in self._assigned:
            raise AwsError("ResourceNotFoundException", "Account assignment not found.")
        request = Request(str(uuid.uuid4()), is_creation, call.params, self.fail_next)
        self.fail_next = ""
        self._take(request)
        return {_word(is_creation=is_creation): request.as_status(is_over=False)}

    def _poll(self, call: Call) -> Result:
        is_creation = call.operation == "DescribeAccountAssignmentCreationStatus"
        kind = "Creation" if is_creation else "Deletion"
        request = self._requests.get(call.params[f"AccountAssignment{kind}RequestId"])
        if request is None or request.is_creation != is_creation:
            raise AwsError("ResourceNotFoundException", "Request not found.")
        is_over = request.polls_left <= 0
        request.polls_left -= 1
        return {_word(is_creation=is_creation): request.as_status(is_over=is_over)}

    def reason_of(self, answer: Result) -> tuple[str, str]:
        """The id of the request just asked for, and why it is going to fail."""
        (status,) = answer.values()
        return status["RequestId"], self._requests[status["RequestId"]].reason

    # Lists ------------------------------------------------------------------------------------

    def _listed(self, call: Call) -> Result:
        asked = (call.params["AccountId"], call.params["PermissionSetArn"])
        found = [
            {"AccountId": each["TargetId"], **{name: each[name] for name in _KEY[1:]}}
            for each in self._all()
            if (each["TargetId"], each["PermissionSetArn"]) == asked
        ]
        return _page(call, "AccountAssignments", found)

    def _accounts(self, call: Call) -> Result:
        asked = call.params["PermissionSetArn"]
        found = {each["TargetId"] for each in self._all() if each["PermissionSetArn"] == asked}
        return _page(call, "AccountIds", sorted(found))

    def _sets(self, call: Call) -> Result:
        asked = call.params["AccountId"]
        found = {each["PermissionSetArn"] for each in self._all() if each["TargetId"] == asked}
        return _page(call, "PermissionSets", sorted(found))


def _word(*, is_creation: bool) -> str:
    return f"AccountAssignment{'Creation' if is_creation else 'Deletion'}Status"


def _key(params: dict[str, Any]) -> tuple[str, ...]:
    return tuple(params[name] for name in _KEY)


def _page(call: Call, name: str, items: list[Any]) -> Result:
    size, token = call.params.get("MaxResults", _A_PAGE), call.params.get("NextToken")
    invalid = AwsError("ValidationException", "The token is not valid.")
    start = int(read_token(token, invalid).get("start", 0)) if token else 0
    more = {"NextToken": make_token({"start": start + size})} if start + size < len(items) else {}
    return {name: items[start : start + size], **more}
