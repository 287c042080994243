"""Cost Explorer's filter expressions: And, Or, Not, Dimensions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.sandbox.company import ACCOUNT_ID, REGION
from portal.sandbox.costs import Line
from portal.sandbox.wire import AwsError

Predicate = Callable[[Line], bool]

# The dimensions this sandbox can filter and group by.
DIMENSIONS: dict[str, Callable[[Line], str]] = {
    "SERVICE": lambda line: line.service,
    "RECORD_TYPE": lambda line: line.record_type,
    "USAGE_TYPE": lambda line: line.usage_type,
    "LINKED_ACCOUNT": lambda line: ACCOUNT_ID,
    "REGION": lambda line: REGION,
}


def invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)


def compiled(expression: dict[str, Any] | None) -> Predicate:
    """The expression as a question about a line. Exactly one kind of node at each level, as AWS
    demands.
    """
    if expression is None:
        return lambda line: True
    if len(expression) != 1:
        raise invalid("Expression has an invalid number of operators: exactly one is needed")
    kind, value = next(iter(expression.items()))
    if kind == "Dimensions":
        return _dimension(value)
    if kind == "Not":
        inner = compiled(value)
        return lambda line: not inner(line)
    if kind in ("And", "Or"):
        return _several(kind, value)
    raise invalid(f"The sandbox's Cost Explorer cannot filter by {kind}")


def _several(kind: str, parts: list[dict[str, Any]]) -> Predicate:
    if len(parts) < 2:
        raise invalid(f"{kind} must have at least 2 operands")
    compiled_parts = [compiled(part) for part in parts]
    join = all if kind == "And" else any
    return lambda line: join(part(line) for part in compiled_parts)


def _dimension(value: dict[str, Any]) -> Predicate:
    key, wanted = value.get("Key", ""), set(value.get("Values", []))
    if not wanted:
        raise invalid("Dimension values can not be empty")
    unsupported = set(value.get("MatchOptions", [])) - {"EQUALS", "CASE_SENSITIVE"}
    if unsupported:
        raise invalid(f"Match options {sorted(unsupported)} are not supported for dimensions")
    read = dimension(key)
    return lambda line: read(line) in wanted


def dimension(key: str) -> Callable[[Line], str]:
    if key not in DIMENSIONS:
        raise invalid(f"The sandbox's Cost Explorer does not know the dimension {key}")
    return DIMENSIONS[key]
