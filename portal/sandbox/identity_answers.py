"""What the Identity Store answers: references, records, pages, errors with their members."""

from __future__ import annotations

from typing import Any

from portal.sandbox.company import ACCOUNT_ID, IDENTITY_STORE_ARN, IDENTITY_STORE_ID
from portal.sandbox.directory import ID_KEY, Kind, Record
from portal.sandbox.service import Result, make_token, read_token
from portal.sandbox.wire import AwsError, Call

PAGE = 100
CREATED_BY = f"arn:aws:iam::{ACCOUNT_ID}:root"


def not_found(kind: str, resource_id: str = "") -> AwsError:
    members: dict[str, Any] = {
        "ResourceType": kind,
        **({"ResourceId": resource_id} if resource_id else {}),
    }
    return AwsError("ResourceNotFoundException", f"{kind} not found.", **members)


def conflict(message: str, reason: str = "UNIQUENESS_CONSTRAINT_VIOLATION") -> AwsError:
    return AwsError("ConflictException", message, Reason=reason)


def invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)


def plain_id(value: str) -> str:
    """AWS takes an ARN wherever it takes an id."""
    return value.rpartition("/")[2]


def arn(kind: str, resource_id: str) -> str:
    return f"arn:aws:identitystore:::{kind}/{resource_id}"


STORE = {"IdentityStoreId": IDENTITY_STORE_ID, "IdentityStoreArn": IDENTITY_STORE_ARN}
_ARN: dict[Kind, tuple[str, str]] = {
    "USER": ("UserArn", "user"),
    "GROUP": ("GroupArn", "group"),
    "GROUP_MEMBERSHIP": ("MembershipArn", "membership"),
}


def reference(kind: Kind, record: Record, *more: str) -> Result:
    id_key, (arn_key, word) = ID_KEY[kind], _ARN[kind]
    answer: dict[str, Any] = {"IdentityStoreId": IDENTITY_STORE_ID, id_key: record[id_key]}
    answer[arn_key] = arn(word, record[id_key])
    return answer | {key: record[key] for key in more}


def shown(kind: Kind, record: Record) -> Result:
    public = {key: value for key, value in record.items() if not key.startswith("_")}
    if kind == "GROUP_MEMBERSHIP":
        public.pop("Revision")
    return {**public, **reference(kind, record), "UpdatedBy": record.get("CreatedBy", CREATED_BY)}


def member_of(call: Call) -> str:
    user = call.params["MemberId"].get("UserId")
    if not user:
        raise invalid("MemberId must have exactly one of: UserId.")
    return str(user)


def unique_attribute(call: Call) -> tuple[str, str]:
    """(path in lower case, value) of the AlternateIdentifier. External ids come from SCIM only:
    there are none.
    """
    identifier = call.params["AlternateIdentifier"]
    if "ExternalId" in identifier:
        raise not_found("USER" if call.operation == "GetUserId" else "GROUP")
    attribute = identifier.get("UniqueAttribute")
    if not attribute or not isinstance(attribute.get("AttributeValue"), str):
        raise invalid("AlternateIdentifier must have a UniqueAttribute with a string value.")
    return attribute["AttributePath"].casefold(), attribute["AttributeValue"]


def check_revision(record: Record, call: Call) -> None:
    expected = call.params.get("Revision")
    if expected is not None and expected != record["Revision"]:
        raise conflict("The resource was changed in the meantime.", "CONCURRENT_MODIFICATION")


def passes(record: Record, wanted: dict[str, str]) -> bool:
    paths = {"username": "UserName", "displayname": "DisplayName"}
    return all(
        record.get(paths.get(path, path), "").casefold() == value.casefold()
        for path, value in wanted.items()
    )


def page(call: Call, name: str, kind: Kind, records: list[Record]) -> Result:
    """A page in order of creation. The token names the last record seen, so that a deletion makes
    no gap.
    """
    after = 0
    if call.params.get("NextToken"):
        token = read_token(call.params["NextToken"], invalid("Invalid NextToken."))
        if token.get("list") != call.operation:
            raise invalid("Invalid NextToken.")
        after = int(token["after"])
    rest = [record for record in records if record["_order"] > after]
    size = call.params.get("MaxResults") or PAGE
    answer: Result = {name: [shown(kind, record) for record in rest[:size]]}
    if len(rest) > size:
        answer["NextToken"] = make_token(
            {"list": call.operation, "after": rest[size - 1]["_order"]}
        )
    return answer
