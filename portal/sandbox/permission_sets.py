"""Permission sets and account assignments: moto's, with the checks and the delays that AWS has and
moto has not.

moto forgets them at the end: every change it took is kept in a journal and sent to it again at the
next start.
"""

from __future__ import annotations

import io
import json
import threading
import uuid
from pathlib import Path
from typing import Any

from portal.sandbox.company import ACCOUNT_ID, INSTANCE_ARN, REGION
from portal.sandbox.directory import Directory, Kind
from portal.sandbox.journal import Journal
from portal.sandbox.moto_bridge import MotoBridge
from portal.sandbox.wire import Answer, AwsError, Call, result

_POLICIES = "arn:aws:iam::aws:policy"
# (name, description, AWS managed policy)
PERMISSION_SETS = (
    ("AdministratorAccess", "Founders", f"{_POLICIES}/AdministratorAccess"),
    ("ReadOnlyAccess", "Look, do not touch", f"{_POLICIES}/ReadOnlyAccess"),
    ("BillingViewer", "Bills and budgets", f"{_POLICIES}/AWSBillingReadOnlyAccess"),
)
# Operation → where its answer holds the status. AWS does these in the background, moto at once.
_BACKGROUND = {
    "CreateAccountAssignment": "AccountAssignmentCreationStatus",
    "DeleteAccountAssignment": "AccountAssignmentDeletionStatus",
    "DescribeAccountAssignmentCreationStatus": "AccountAssignmentCreationStatus",
    "DescribeAccountAssignmentDeletionStatus": "AccountAssignmentDeletionStatus",
}


def permission_set_arn(name: str) -> str:
    """The same for the same name, so that a set keeps its ARN over a restart."""
    number = uuid.uuid5(uuid.NAMESPACE_DNS, name).hex[:16]
    return f"{INSTANCE_ARN.replace('instance', 'permissionSet')}/ps-{number}"


class PermissionSets:
    """`has_company` adds the sample's sets; `directory` knows to whom one can be assigned."""

    def __init__(
        self, moto: MotoBridge, directory: Directory, folder: Path, *, has_company: bool
    ) -> None:
        self._moto = moto
        self._directory = directory
        self._journal = Journal(folder / "identity_center.jsonl")
        self._earlier = list(self._journal.replay())
        self._journal.compact(self._earlier)
        self._has_company = has_company
        self._lock = threading.RLock()
        self._is_filled = False
        self._polled: set[str] = set()

    def respond(self, call: Call) -> Answer:
        """A call that fits the model and the instance."""
        with self._lock:
            self._fill()
            self._check_state(call)
            answer = self._moto.answer(call)
            if answer.status == 200 and not call.operation.startswith(("Describe", "List", "Get")):
                self._journal.append({"operation": call.operation, "params": call.params})
            return self._as_aws(call, answer)

    def _backend(self) -> Any:
        from moto.ssoadmin.models import ssoadmin_backends  # noqa: PLC0415 - see MotoBridge

        return ssoadmin_backends[ACCOUNT_ID][REGION]

    def _fill(self) -> None:
        """Once: the sample's sets, then every change of earlier runs again."""
        if self._is_filled:
            return
        self._is_filled = True
        backend = self._backend()
        backend.instances[0].instance_arn = INSTANCE_ARN
        for name, description, policy in PERMISSION_SETS if self._has_company else ():
            backend.create_permission_set(name, description, INSTANCE_ARN, "PT4H", "", [])
            self._name_sets(backend)
            backend.attach_managed_policy_to_permission_set(
                INSTANCE_ARN, permission_set_arn(name), policy
            )
        for event in self._earlier:
            self._moto.answer(_call(event["operation"], event["params"]))
            self._name_sets(backend)

    def _name_sets(self, backend: Any) -> None:
        # moto draws an ARN by lot, and in a form that AWS's own model refuses.
        for kept in backend.permission_sets:
            kept.permission_set_arn = permission_set_arn(kept.name)

    def _check_state(self, call: Call) -> None:
        """What AWS checks and moto does not."""
        backend = self._backend()
        if call.operation == "CreatePermissionSet":
            if any(kept.name == call.params["Name"] for kept in backend.permission_sets):
                raise AwsError(
                    "ConflictException",
                    f"PermissionSet with name {call.params['Name']} already exists.",
                )
        elif call.operation == "CreateAccountAssignment":
            if all(
                kept.permission_set_arn != call.params["PermissionSetArn"]
                for kept in backend.permission_sets
            ):
                raise AwsError("ResourceNotFoundException", "PermissionSet not found.")
            self._check_principal(call.params)
            self._forget_assignment(backend, call.params)

    def _check_principal(self, params: dict[str, Any]) -> None:
        kind: Kind = "USER" if params["PrincipalType"] == "USER" else "GROUP"
        if params["PrincipalId"] not in self._directory.records[kind]:
            raise AwsError("ResourceNotFoundException", f"{kind} not found.")
        if params["TargetId"] != ACCOUNT_ID:
            raise AwsError("ResourceNotFoundException", f"Account {params['TargetId']} not found.")

    def _forget_assignment(self, backend: Any, params: dict[str, Any]) -> None:
        """Assigning twice is assigning once; moto would list it twice."""
        same = ("TargetId", "PermissionSetArn", "PrincipalId")
        backend.account_assignments = [
            kept
            for kept in backend.account_assignments
            if any(kept.to_json()[key] != params[key] for key in same)
        ]

    def _as_aws(self, call: Call, answer: Answer) -> Answer:
        """moto's answer without its nulls and blanks, with ARNs in form, and in progress until it
        was polled once.
        """
        self._name_sets(self._backend())
        if answer.status != 200:
            return answer
        body = _without_blanks(json.loads(answer.body or b"{}"))
        if isinstance(body.get("PermissionSet", {}).get("SessionDuration"), int):
            body["PermissionSet"]["SessionDuration"] = "PT1H"  # AWS's default; moto's is a number
        if call.operation == "CreatePermissionSet":
            body["PermissionSet"]["PermissionSetArn"] = permission_set_arn(call.params["Name"])
        elif call.operation in _BACKGROUND:
            self._slow_down(call, body[_BACKGROUND[call.operation]])
        return result(call, body)

    def _slow_down(self, call: Call, status: dict[str, Any]) -> None:
        is_poll = call.operation.startswith("Describe")
        done = is_poll and status["RequestId"] in self._polled
        status["Status"] = "SUCCEEDED" if done else "IN_PROGRESS"
        if is_poll:
            self._polled.add(status["RequestId"])


def _without_blanks(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_blanks(item) for key, item in value.items() if item not in (None, "")}
    return [_without_blanks(item) for item in value] if isinstance(value, list) else value


def _call(operation: str, params: dict[str, Any]) -> Call:
    """A call of an earlier run, as the network would have brought it."""
    body = json.dumps(params).encode()
    scope = f"Credential=replay/20260101/{REGION}/sso/aws4_request"
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "CONTENT_TYPE": "application/x-amz-json-1.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_X_AMZ_TARGET": f"SWBExternalService.{operation}",
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 {scope}",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
    }
    return Call("sso-admin", REGION, operation, params, environ, body)
