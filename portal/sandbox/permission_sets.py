"""Permission sets: moto's, with the checks that AWS has and moto has not. Who has which account
through them: `assignments`.

moto forgets them at the end: every change it took is kept in a journal and sent to it again at the
next start.
"""

from __future__ import annotations

import io
import json
import re
import threading
import uuid
from pathlib import Path
from typing import Any

from portal.sandbox import company
from portal.sandbox.assignments import Assignments
from portal.sandbox.company import ACCOUNT_ID, INSTANCE_ARN, REGION
from portal.sandbox.directory import Directory, Kind
from portal.sandbox.journal import Journal
from portal.sandbox.moto_bridge import MotoBridge
from portal.sandbox.service import not_offered
from portal.sandbox.wire import Answer, AwsError, Call, result

_POLICIES = "arn:aws:iam::aws:policy"
# (name, description, AWS managed policy)
PERMISSION_SETS = (
    ("AdministratorAccess", "Founders", f"{_POLICIES}/AdministratorAccess"),
    ("ReadOnlyAccess", "Look, do not touch", f"{_POLICIES}/ReadOnlyAccess"),
    ("BillingViewer", "Bills and budgets", f"{_POLICIES}/AWSBillingReadOnlyAccess"),
)
# (permission set, kind of principal, its id)
ASSIGNED = (
    ("AdministratorAccess", "USER", company.directory_id("user", "zoe@northwind.example")),
    ("BillingViewer", "USER", company.directory_id("user", "mateo@northwind.example")),
    ("ReadOnlyAccess", "GROUP", company.PLAN_BY_CODE["pro-plus"].group_id),
)
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


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
        self.assignments = Assignments()

    def respond(self, call: Call) -> Answer:
        """A call that fits the model and the instance."""
        with self._lock:
            self._fill()
            self._check_state(call)
            if call.operation in self.assignments.operations:
                return self._of_assignments(call)
            answer = self._moto.answer(call)
            if answer.status == 200 and not call.operation.startswith(("Describe", "List", "Get")):
                self._journal.append({"operation": call.operation, "params": call.params})
            return self._as_aws(call, answer)

    def _of_assignments(self, call: Call) -> Answer:
        answer = self.assignments.operations[call.operation](call)
        if call.operation.startswith(("Create", "Delete")):
            request_id, reason = self.assignments.reason_of(answer)
            event = {"operation": call.operation, "params": call.params, "request": request_id}
            self._journal.append({**event, "reason": reason})
        return result(call, answer)

    def _backend(self) -> Any:
        self._moto.load("sso-admin")
        from moto.ssoadmin.models import ssoadmin_backends  # noqa: PLC0415 - see MotoBridge

        return ssoadmin_backends[ACCOUNT_ID][REGION]

    def _fill(self) -> None:
        """Once: the sample's sets, then every change of earlier runs again."""
        if self._is_filled:
            return
        self._is_filled = True
        backend = self._backend()
        backend.instances[0].instance_arn = INSTANCE_ARN
        backend.aws_managed_policies = _managed_policies()
        if self._has_company:
            self._fill_with_company(backend)
        for event in self._earlier:
            if event["operation"] in self.assignments.operations:
                self.assignments.replay(event)
                continue
            self._moto.answer(_call(event["operation"], event["params"]))
            self._name_sets(backend)

    def _fill_with_company(self, backend: Any) -> None:
        for name, description, policy in PERMISSION_SETS:
            backend.create_permission_set(name, description, INSTANCE_ARN, "PT4H", "", [])
            self._name_sets(backend)
            backend.attach_managed_policy_to_permission_set(
                INSTANCE_ARN, permission_set_arn(name), policy
            )
        for name, kind, principal_id in ASSIGNED:
            self.assignments.assign(
                {
                    "TargetId": ACCOUNT_ID,
                    "PermissionSetArn": permission_set_arn(name),
                    "PrincipalType": kind,
                    "PrincipalId": principal_id,
                }
            )

    def _name_sets(self, backend: Any) -> None:
        # moto draws an ARN by lot, and in a form that AWS's own model refuses.
        for kept in backend.permission_sets:
            kept.permission_set_arn = permission_set_arn(kept.name)

    # What AWS checks and moto does not ---------------------------------------------------------

    def _check_state(self, call: Call) -> None:
        if call.operation == "ListAccountAssignmentsForPrincipal":
            raise not_offered(call)  # moto knows nothing of our assignments
        if "PermissionSetArn" in call.params:
            self._check_set(call.params["PermissionSetArn"])
        if call.operation == "CreatePermissionSet":
            self._check_new_set(call.params)
        elif call.operation == "CreateAccountAssignment":
            self._check_principal(call.params)
        elif call.operation == "DeletePermissionSet":
            self._check_unused(call.params["PermissionSetArn"])

    def _check_set(self, arn: str) -> None:
        if all(kept.permission_set_arn != arn for kept in self._backend().permission_sets):
            number = arn.rpartition("/")[2]
            raise AwsError(
                "ResourceNotFoundException", f"Could not find PermissionSet with id {number}"
            )

    def _check_new_set(self, params: dict[str, Any]) -> None:
        if any(kept.name == params["Name"] for kept in self._backend().permission_sets):
            raise AwsError(
                "ConflictException", f"PermissionSet with name {params['Name']} already exists."
            )
        if not 3600 <= _seconds(params.get("SessionDuration") or "PT1H") <= 12 * 3600:
            raise AwsError(
                "ValidationException", "SessionDuration must be between 1 hour and 12 hours."
            )

    def _check_unused(self, arn: str) -> None:
        if self.assignments.has_any(arn):
            raise AwsError(
                "ConflictException", "PermissionSet has ApplicationProfile associated with it."
            )

    def _check_principal(self, params: dict[str, Any]) -> None:
        kind: Kind = "USER" if params["PrincipalType"] == "USER" else "GROUP"
        if params["PrincipalId"] not in self._directory.records[kind]:
            raise AwsError("ResourceNotFoundException", f"{kind} not found.")
        if params["TargetId"] != ACCOUNT_ID:
            raise AwsError("ResourceNotFoundException", f"Account {params['TargetId']} not found.")

    def _as_aws(self, call: Call, answer: Answer) -> Answer:
        """moto's answer without its nulls and blanks, and with ARNs in form."""
        self._name_sets(self._backend())
        if answer.status != 200:
            return answer
        body = _without_blanks(json.loads(answer.body or b"{}"))
        if isinstance(body.get("PermissionSet", {}).get("SessionDuration"), int):
            body["PermissionSet"]["SessionDuration"] = "PT1H"  # AWS's default; moto's is a number
        if call.operation == "CreatePermissionSet":
            body["PermissionSet"]["PermissionSetArn"] = permission_set_arn(call.params["Name"])
        return result(call, body)


def _managed_policies() -> dict[str, Any]:
    """moto's list of AWS's policies, with the folder of each where moto's own check looks for it;
    without that no policy in a folder could be attached.
    """
    from moto.iam.aws_managed_policies import (  # noqa: PLC0415 - see MotoBridge
        aws_managed_policies_data,
    )

    policies = json.loads(aws_managed_policies_data)
    return {name: {**each, "path": each.get("Path", "/")} for name, each in policies.items()}


def _seconds(duration: str) -> int:
    """Of an ISO 8601 duration in hours, minutes and seconds; 0 for any other."""
    found = _DURATION.fullmatch(duration)
    hours, minutes, seconds = (int(each or 0) for each in found.groups()) if found else (0, 0, 0)
    return hours * 3600 + minutes * 60 + seconds


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
