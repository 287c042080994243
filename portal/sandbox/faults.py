"""Trouble on demand: throttling as AWS does it, errors, slowness, lost answers, refusals."""

from __future__ import annotations

import dataclasses
import random
import threading
import time
from collections.abc import Callable
from typing import Any, Literal, get_args

from portal.sandbox.wire import AwsError, Call

Kind = Literal["throttle", "error", "slow", "drop", "reset", "deny"]
KINDS: tuple[str, ...] = get_args(Kind)
# The quota is one for all Identity Center APIs (FACTS §3).
IDENTITY_CENTER = ("identitystore", "sso-admin")


class TokenBucket:
    """`rate` tokens a second, at most `burst` saved up. A rate of 0 means: no limit."""

    def __init__(self, *, rate: float, burst: float) -> None:
        self._lock = threading.Lock()
        self.set(rate=rate, burst=burst)

    def set(self, *, rate: float, burst: float) -> None:
        with self._lock:
            self.rate, self.burst = rate, burst
            self._tokens, self._at = burst, time.monotonic()

    def take(self) -> bool:
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
            self._at = now
            if self.rate and self._tokens < 1:
                return False
            self._tokens -= 1
            return True


@dataclasses.dataclass
class Fault:
    """One kind of trouble for the calls it matches. `times` and `until` (monotonic seconds) end it;
    None: never.
    """

    kind: str
    service: str = "*"
    operation: str = "*"
    share: float = 1.0
    times: int | None = None
    seconds: float | None = None
    delay: float = 1.0
    code: str = "InternalServerException"
    status: int = 500
    match: str = ""
    applied: int = 0
    until: float | None = dataclasses.field(default=None, repr=False)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Fault:
        """Raises ValueError, with a sentence, for what is no fault."""
        if set(value) - set(_READERS) or value.get("kind") not in KINDS:
            raise ValueError(
                f"A fault has a kind out of {', '.join(KINDS)}, and may have {', '.join(_READERS)}."
            )
        fault = cls(**{key: _READERS[key](item) for key, item in value.items() if item is not None})
        fault.until = time.monotonic() + fault.seconds if fault.seconds is not None else None
        return fault

    def to_json(self) -> dict[str, Any]:
        return {key: value for key, value in dataclasses.asdict(self).items() if key != "until"}

    @property
    def is_spent(self) -> bool:
        return self.times == 0 or (self.until is not None and time.monotonic() > self.until)

    def fits(self, call: Call) -> bool:
        return (
            not self.is_spent
            and self.service in ("*", call.service)
            and self.operation in ("*", call.operation)
            and (
                not self.match or self.match.encode() in call.body or self.match in str(call.params)
            )
        )


# What may be said of a fault, and how it is read.
_READERS: dict[str, Callable[[Any], Any]] = {
    "kind": str,
    "service": str,
    "operation": str,
    "share": float,
    "times": int,
    "seconds": float,
    "delay": float,
    "code": str,
    "status": int,
    "match": str,
}


class FaultBoard:
    """The faults that are switched on. The first that fits and whose dice fall takes the call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._random = random.Random()  # noqa: S311 - chance for tests, no secret

    def seed(self, value: int) -> None:
        with self._lock:
            self._random.seed(value)

    def add(self, faults: list[Fault]) -> None:
        with self._lock:
            self._faults += faults

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            self._faults = [fault for fault in self._faults if not fault.is_spent]
            return [fault.to_json() for fault in self._faults]

    def draw(self, call: Call) -> Fault | None:
        with self._lock:
            for fault in self._faults:
                if fault.fits(call) and self._random.random() < fault.share:
                    fault.applied += 1
                    fault.times = None if fault.times is None else fault.times - 1
                    return fault
        return None


def throttled(call: Call) -> AwsError:
    """As the service shapes it: only the Identity Store says how long to wait."""
    members = {"RetryAfterSeconds": 1} if call.service == "identitystore" else {}
    return AwsError("ThrottlingException", "Rate exceeded", **members)


def error_of(fault: Fault, call: Call) -> AwsError | None:
    """What a fault answers before anything is applied; None for those that let the call through."""
    if fault.kind == "throttle":
        return throttled(call)
    if fault.kind == "deny":
        message = f"User is not authorized to perform: {call.service}:{call.operation}"
        return AwsError("AccessDeniedException", message)
    if fault.kind == "error":
        members = {"RetryAfterSeconds": 1} if fault.code == "InternalServerException" else {}
        return AwsError(
            fault.code,
            f"The sandbox was told to answer {fault.code}.",
            status=fault.status,
            **members,
        )
    return None
