"""Validation of a request against botocore's own model, with the messages AWS gives."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape, StructureShape

from portal.sandbox.wire import AwsError, Call

_CATEGORY = re.compile(r"\\p\{(\w)\}")
_CLASS_ONLY = re.compile(r"\[((?:\\p\{\w\}|[^\]])+)\][+*]")


@functools.cache
def model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def validate(call: Call) -> None:
    """Raise what AWS raises for an unknown operation, or for parameters outside the model."""
    service = model(call.service)
    if call.operation not in service.operation_names:
        raise AwsError(
            "UnknownOperationException", f"{call.service} has no operation {call.operation!r}."
        )
    shape = service.operation_model(call.operation).input_shape
    if shape is not None:
        check(shape, call.params)


def check(shape: Shape, value: Any) -> None:
    """Raise a ValidationException for a value outside its shape."""
    problems = list(_problems(shape, value, ""))
    if problems:
        noun = "error" if len(problems) == 1 else "errors"
        raise AwsError(
            "ValidationException",
            f"{len(problems)} validation {noun} detected: {'; '.join(problems)}",
        )


def _problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if value is None:
        return
    if isinstance(shape, StructureShape):
        yield from _structure_problems(shape, value, path)
    elif shape.type_name == "list":
        yield from _list_problems(shape, value, path)
    elif shape.type_name == "string":
        yield from (_at(path, problem) for problem in _string_problems(shape, value))
    elif shape.type_name in ("integer", "long"):
        yield from (_at(path, problem) for problem in _number_problems(shape, value))


def _at(path: str, problem: str) -> str:
    return f"Value at '{path}' failed to satisfy constraint: Member must {problem}"


def _structure_problems(shape: StructureShape, value: Any, path: str) -> Iterator[str]:
    if getattr(shape, "is_document_type", False):
        return
    if not isinstance(value, dict):
        yield _at(path, "be a structure")
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield _at(_join(path, name), "not be null")
    for name, member in shape.members.items():
        yield from _problems(member, value.get(name), _join(path, name))


def _join(path: str, name: str) -> str:
    member = name[:1].lower() + name[1:]
    return f"{path}.{member}" if path else member


def _list_problems(shape: Any, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield _at(path, "be a list")
        return
    yield from (_at(path, problem) for problem in _length_problems(shape, len(value)))
    for index, item in enumerate(value, start=1):
        yield from _problems(shape.member, item, f"{path}.{index}.member")


def _length_problems(shape: Shape, length: int) -> Iterator[str]:
    if length < shape.metadata.get("min", 0):
        yield f"have length greater than or equal to {shape.metadata['min']}"
    if length > shape.metadata.get("max", length):
        yield f"have length less than or equal to {shape.metadata['max']}"


def _number_problems(shape: Shape, value: Any) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int):
        yield "be a number"
    elif value < shape.metadata.get("min", value):
        yield f"have value greater than or equal to {shape.metadata['min']}"
    elif value > shape.metadata.get("max", value):
        yield f"have value less than or equal to {shape.metadata['max']}"


def _string_problems(shape: Any, value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield "be a string"
        return
    yield from _length_problems(shape, len(value))
    if shape.enum and value not in shape.enum:
        yield f"satisfy enum value set: [{', '.join(shape.enum)}]"
    pattern = shape.metadata.get("pattern")
    if pattern and value and not _matches(pattern, value):
        yield f"satisfy regular expression pattern: {pattern}"


def _matches(pattern: str, value: str) -> bool:
    if not _CATEGORY.search(pattern):
        return re.fullmatch(pattern, value) is not None
    only_class = _CLASS_ONLY.fullmatch(pattern)
    if only_class is None:
        # Python's re knows no \p; the operations check the few such values (AttributePath)
        # themselves
        return True
    categories = set(_CATEGORY.findall(pattern))
    extra = (
        _CATEGORY.sub("", only_class[1])
        .replace(r"\t", "\t")
        .replace(r"\n", "\n")
        .replace(r"\r", "\r")
    )
    return all(char in extra or unicodedata.category(char)[0] in categories for char in value)
