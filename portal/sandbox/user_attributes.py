"""Rules for the attributes of a user or group, and UpdateUser's operations on them."""

from __future__ import annotations

import copy
from typing import Any

from portal.sandbox.directory import Record
from portal.sandbox.wire import AwsError

_RESERVED = {"administrator", "awsadministrators"}
# What AWS keeps for itself: no operation may write it.
_READ_ONLY = {
    "UserId",
    "GroupId",
    "UserStatus",
    "CreatedAt",
    "UpdatedAt",
    "CreatedBy",
    "Revision",
    "ExternalIds",
}
_WRITABLE = {
    "UserName",
    "Name",
    "DisplayName",
    "NickName",
    "ProfileUrl",
    "Emails",
    "Addresses",
    "PhoneNumbers",
    "UserType",
    "Title",
    "PreferredLanguage",
    "Locale",
    "Timezone",
    "Photos",
    "Website",
    "Birthdate",
    "Roles",
    "Description",
}


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)


def check_user(user: Record) -> None:
    """What Identity Center requires beyond the model: three forms of a name and one e-mail."""
    for key in ("UserName", "DisplayName", "Name"):
        if not user.get(key):
            raise _invalid(f"{key} is a required attribute")
    for key in ("GivenName", "FamilyName"):
        if not user["Name"].get(key):
            raise _invalid(f"Name.{key} is a required attribute")
    _check_user_name(user["UserName"])
    emails = user.get("Emails")
    if not isinstance(emails, list) or len(emails) != 1 or not emails[0].get("Value"):
        raise _invalid("Emails must have exactly one e-mail with a value")


def _check_user_name(name: str) -> None:
    if len(name) > 128 or any(char.isspace() for char in name):
        raise _invalid("UserName must have at most 128 characters and no white space")
    if name.casefold() in _RESERVED:
        raise _invalid(f"{name} is a reserved name")


def check_group(group: Record) -> None:
    if not group.get("DisplayName"):
        raise _invalid("DisplayName is a required attribute")
    if group["DisplayName"].casefold() in _RESERVED:
        raise _invalid(f"{group['DisplayName']} is a reserved name")


def apply(record: Record, operations: list[dict[str, Any]]) -> Record:
    """The record after all operations. A missing AttributeValue takes the attribute away."""
    changed = copy.deepcopy(record)
    for operation in operations:
        _set(changed, operation["AttributePath"], operation.get("AttributeValue"))
    return changed


def _set(record: Record, path: str, value: Any) -> None:
    first, *rest = (part[:1].upper() + part[1:] for part in path.split("."))
    if first in _READ_ONLY or first not in _WRITABLE or len(rest) > 1:
        raise _invalid(f"Unsupported AttributePath: {path}")
    value = _capitalised(value)
    if not rest:
        _put(record, first, value)
        return
    inside = record.setdefault(first, {})
    target = inside[0] if isinstance(inside, list) and inside else inside
    if not isinstance(target, dict):
        raise _invalid(f"Unsupported AttributePath: {path}")
    _put(target, rest[0], value)


def _put(target: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        target.pop(key, None)
    elif isinstance(value, str) and (
        not value or len(value) > (128 if key == "UserName" else 1024)
    ):
        raise _invalid(f"{key} has an invalid length")
    else:
        target[key] = value


def _capitalised(value: Any) -> Any:
    """A document's keys as the API returns them: callers write `value` as well as `Value`."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: _capitalised(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_capitalised(item) for item in value]
    return value
