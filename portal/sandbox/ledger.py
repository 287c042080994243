"""The ledger: every request this AWS got, what became of it, and what it would have cost."""

from __future__ import annotations

import collections
import dataclasses
import threading
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from portal.sandbox.wire import Call

KEPT = 100_000  # entries; some 50 MB at most, in a process that lives for a demonstration
PRICE_OF_CE_REQUEST = Decimal("0.01")  # USD, each page too (FACTS §5)
_KEYS = (
    "UserName",
    "DisplayName",
    "UserId",
    "GroupId",
    "MembershipId",
    "Revision",
    "MaxResults",
    "TimePeriod",
    "Granularity",
    "StartTime",
    "EndTime",
    "Bucket",
    "Key",
    "Prefix",
    "accountId",
)


@dataclasses.dataclass(frozen=True)
class Entry:
    """One request. `at` is ISO in UTC; `status` is None when no answer was sent; `applied`: it took
    effect.
    """

    sequence: int
    at: str
    service: str
    region: str
    operation: str
    parameters: dict[str, Any]
    status: int | None
    error_code: str
    fault: str
    applied: bool
    request_id: str
    milliseconds: float


def key_parameters(params: dict[str, Any]) -> dict[str, Any]:
    """The few parameters that tell one call from another: whom and what it was about."""
    found = {key: params[key] for key in _KEYS if key in params}
    emails = params.get("Emails")
    if isinstance(emails, list) and emails and isinstance(emails[0], dict):
        found["Email"] = emails[0].get("Value", "")
    if isinstance(params.get("MemberId"), dict):
        found["UserId"] = params["MemberId"].get("UserId", "")
    identifier = params.get("AlternateIdentifier")
    if isinstance(identifier, dict) and isinstance(identifier.get("UniqueAttribute"), dict):
        unique = identifier["UniqueAttribute"]
        found[str(unique.get("AttributePath"))] = unique.get("AttributeValue")
    if params.get("NextToken") or params.get("NextPageToken"):
        found["page"] = "next"
    return found


def _is_after(entry: Entry, since: str) -> bool:
    return entry.sequence > int(since) if since.isdecimal() else entry.at > since


class Ledger:
    """Entries in order of arrival at the end of the call. Counts outlive the entries that fall off
    the end.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        with self._lock:
            self._entries: collections.deque[Entry] = collections.deque(maxlen=KEPT)
            self._counts: collections.Counter[tuple[str, str]] = collections.Counter()
            self._errors: collections.Counter[str] = collections.Counter()
            self._sequence = 0

    def record(  # noqa: PLR0913 - all that is known of a request at its end
        self,
        call: Call,
        *,
        status: int | None,
        error_code: str,
        fault: str,
        applied: bool,
        milliseconds: float,
    ) -> None:
        with self._lock:
            self._sequence += 1
            self._counts[call.service, call.operation] += 1
            if error_code:
                self._errors[error_code] += 1
            self._entries.append(
                Entry(
                    sequence=self._sequence,
                    at=datetime.now(UTC).isoformat(),
                    service=call.service,
                    region=call.region,
                    operation=call.operation,
                    parameters=key_parameters(call.params),
                    status=status,
                    error_code=error_code,
                    fault=fault,
                    applied=applied,
                    request_id=call.request_id,
                    milliseconds=round(milliseconds, 2),
                )
            )

    def listed(
        self, *, service: str = "", operation: str = "", since: str = "0"
    ) -> list[dict[str, Any]]:
        """`since` is a sequence number or an ISO moment in UTC; only later entries are listed."""
        with self._lock:
            entries = list(self._entries)
        return [
            dataclasses.asdict(entry)
            for entry in entries
            if service in ("", entry.service)
            and operation in ("", entry.operation)
            and _is_after(entry, since)
        ]

    def summary(self) -> dict[str, Any]:
        with self._lock:
            counts, errors, requests = dict(self._counts), dict(self._errors), self._sequence
        paid = sum(count for (service, _), count in counts.items() if service == "ce")
        return {
            "requests": requests,
            "operations": {
                f"{service}:{operation}": count
                for (service, operation), count in sorted(counts.items())
            },
            "errors": errors,
            "ce_requests": paid,
            "ce_cost_usd": str(paid * PRICE_OF_CE_REQUEST),
        }
