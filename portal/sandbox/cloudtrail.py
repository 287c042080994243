"""CloudTrail's LookupEvents: 90 days, one attribute, two requests a second, newest first."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from portal.sandbox import sign_ins
from portal.sandbox.company import REGION
from portal.sandbox.faults import TokenBucket, throttled
from portal.sandbox.journal import Journal
from portal.sandbox.service import Result, Service, make_token, read_token
from portal.sandbox.sign_ins import Event
from portal.sandbox.wire import AwsError, Call

_PAGE = 50
_KEPT = timedelta(days=90)
_REQUESTS_A_SECOND = 2
_READ: dict[str, Callable[[Event], str]] = {
    "EventId": lambda event: str(event["EventId"]),
    "EventName": lambda event: str(event["EventName"]),
    "ReadOnly": lambda event: str(event["ReadOnly"]),
    "Username": lambda event: str(event["Username"]),
    "EventSource": lambda event: str(event["EventSource"]),
}


class CloudTrail(Service):
    """`sample` gives the company's events up to a moment; those that the control adds are kept in
    the folder.
    """

    name = "cloudtrail"

    def __init__(self, folder: Path, *, sample: Callable[[datetime], Iterable[Event]]) -> None:
        super().__init__()
        self._sample = sample
        self._lock = threading.Lock()
        self._journal = Journal(folder / "trail.jsonl")
        self._added = list(self._journal.replay())
        self._journal.compact(self._added)
        self.quota = TokenBucket(rate=_REQUESTS_A_SECOND, burst=_REQUESTS_A_SECOND)
        self.operations = {"LookupEvents": self.lookup_events}

    def add(self, kind: str, **values: Any) -> None:
        """Note an event that happens now: `kind` is a function of `sign_ins`, `values` its
        arguments.
        """
        line = {"kind": kind, "moment": datetime.now(UTC).timestamp(), "values": values}
        with self._lock:
            self._journal.append(line)
            self._added.append(line)

    def check(self, call: Call) -> None:
        if not self.quota.take():
            raise throttled(call)

    def answer(self, call: Call) -> Result:
        size = call.params.get("MaxResults")
        if (
            size is not None and not 1 <= size <= _PAGE
        ):  # before the model's check: AWS has an error of its own for it
            raise AwsError(
                "InvalidMaxResultsException", f"MaxResults must be between 1 and {_PAGE}."
            )
        return super().answer(call)

    def lookup_events(self, call: Call) -> Result:
        now = datetime.now(UTC)
        start, end = (
            _moment(call.params.get("StartTime")) or now - _KEPT,
            _moment(call.params.get("EndTime")) or now,
        )
        if start > end:
            raise AwsError("InvalidTimeRangeException", "StartTime is after EndTime.")
        wanted = _wanted(call.params.get("LookupAttributes") or [])
        events = [
            e
            for e in self._events(call, now)
            if max(start, now - _KEPT) <= e["EventTime"] <= end and wanted(e)
        ]
        events.sort(key=lambda event: event["EventTime"], reverse=True)
        offset = _offset(call.params)
        page = events[offset : offset + (call.params.get("MaxResults") or _PAGE)]
        answer: Result = {"Events": page}
        if offset + len(page) < len(events):
            answer["NextToken"] = make_token(
                {"offset": offset + len(page), "request": _digest(call.params)}
            )
        return answer

    def _events(self, call: Call, now: datetime) -> list[Event]:
        """Events are kept in the Region where they happened: Identity Center's."""
        if call.region != REGION:
            return []
        with self._lock:
            added = [_added(line) for line in self._added]
        return [*self._sample(now), *added]


def _added(line: dict[str, Any]) -> Event:
    moment = datetime.fromtimestamp(line["moment"], UTC)
    if line["kind"] == "sign_in":
        return sign_ins.sign_in(moment, **line["values"])
    return sign_ins.assignment(moment, **line["values"])


def _wanted(attributes: list[dict[str, str]]) -> Callable[[Event], bool]:
    if len(attributes) > 1:
        raise AwsError(
            "InvalidLookupAttributesException", "Only one lookup attribute can be given."
        )
    if not attributes:
        return lambda event: True
    read, value = _READ.get(attributes[0]["AttributeKey"]), attributes[0]["AttributeValue"]
    return lambda event: read is not None and read(event) == value


def _offset(params: dict[str, Any]) -> int:
    if not params.get("NextToken"):
        return 0
    invalid = AwsError("InvalidNextTokenException", "NextToken is not of this request.")
    token = read_token(params["NextToken"], invalid)
    if token.get("request") != _digest(params):
        raise invalid
    return int(token["offset"])


def _digest(params: dict[str, Any]) -> str:
    same = {key: value for key, value in params.items() if key != "NextToken"}
    return hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()[:32]


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError):
        raise AwsError("InvalidTimeRangeException", "Times are seconds since 1970.") from None
