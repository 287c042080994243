"""The state of the identity store: users, groups, memberships, their indexes, and the journal that
keeps them.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from portal.sandbox.company import IDENTITY_STORE_ID
from portal.sandbox.journal import Event, Journal

Kind = Literal["USER", "GROUP", "GROUP_MEMBERSHIP"]
Record = dict[str, Any]

ID_KEY: dict[Kind, str] = {"USER": "UserId", "GROUP": "GroupId", "GROUP_MEMBERSHIP": "MembershipId"}


def email_of(record: Record) -> str:
    emails = record.get("Emails") or [{}]
    return str(emails[0].get("Value", ""))


class Directory:
    """Records as AWS returns them, in order of creation, each with a private `_order`; found by
    name in one step.

    Every change is one event: written to the journal first, then applied. All callers hold `lock`.
    """

    def __init__(self, folder: Path, *, fill: Callable[[Directory], None] | None = None) -> None:
        """`fill` makes the first records of a new store; they are on disk all at once or, after a
        kill, not at all.
        """
        self.lock = threading.RLock()
        self.records: dict[Kind, dict[str, Record]] = {
            "USER": {},
            "GROUP": {},
            "GROUP_MEMBERSHIP": {},
        }
        self.user_by_name: dict[str, str] = {}
        self.user_by_email: dict[str, str] = {}
        self.group_by_name: dict[str, str] = {}
        self.members_of: dict[str, dict[str, str]] = {}  # GroupId → UserId → MembershipId
        self.groups_of: dict[str, dict[str, str]] = {}  # UserId → GroupId → MembershipId
        self._last_order = 0
        self._journal = Journal(folder / "directory.jsonl")
        self._is_open = False
        if fill is not None and not self._journal.exists:
            fill(self)
        for event in self._journal.replay():
            self._apply(event)
        self._is_open = True
        self._journal.compact(self._snapshot())

    def _snapshot(self) -> Iterator[Event]:
        # A revision outlives its record: without this line a compacted journal could hand one out
        # again.
        yield {"order": self._last_order}
        for kind, records in self.records.items():
            yield from ({"put": kind, "record": record} for record in records.values())

    def new_id(self) -> str:
        return f"{IDENTITY_STORE_ID[2:]}-{uuid.uuid4()}"

    def put(self, kind: Kind, record: Record, *, at: datetime | None = None) -> Record:
        """Create or replace. Stamps CreatedAt, UpdatedAt (seconds since 1970), Revision and the
        order.
        """
        moment = (at or datetime.now(UTC)).timestamp()
        self._last_order += 1
        stamped = {"CreatedAt": moment, "_order": self._last_order, **record, "UpdatedAt": moment}
        stamped["Revision"] = str(self._last_order)
        self._write({"put": kind, "record": stamped})
        return stamped

    def remove(self, kind: Kind, record_id: str) -> None:
        """Remove a record; memberships go with their user or group."""
        self._write({"remove": kind, "id": record_id})

    def _write(self, event: Event) -> None:
        if self._is_open:
            self._journal.append(event)
        self._apply(event)

    def _apply(self, event: Event) -> None:
        self._last_order = max(self._last_order, event.get("order", 0))
        if "put" in event:
            self._apply_put(event["put"], event["record"])
        elif "remove" in event:
            self._apply_remove(event["remove"], event["id"])

    def _apply_put(self, kind: Kind, record: Record) -> None:
        record_id = record[ID_KEY[kind]]
        self._last_order = max(self._last_order, int(record["Revision"]))
        if record_id in self.records[kind]:
            self._unindex(kind, self.records[kind][record_id])
        self.records[kind][record_id] = record
        self._index(kind, record)

    def _apply_remove(self, kind: Kind, record_id: str) -> None:
        record = self.records[kind].pop(record_id, None)
        if record is None:
            return
        self._unindex(kind, record)
        cascade = {"USER": self.groups_of, "GROUP": self.members_of}.get(kind, {}).pop(
            record_id, {}
        )
        for membership_id in list(cascade.values()):
            self._apply_remove("GROUP_MEMBERSHIP", membership_id)

    def _index(self, kind: Kind, record: Record) -> None:
        if kind == "USER":
            self.user_by_name[record["UserName"].casefold()] = record["UserId"]
            self.user_by_email[email_of(record).casefold()] = record["UserId"]
        elif kind == "GROUP":
            self.group_by_name[record["DisplayName"].casefold()] = record["GroupId"]
        else:
            group, user, membership = (
                record["GroupId"],
                record["MemberId"]["UserId"],
                record["MembershipId"],
            )
            self.members_of.setdefault(group, {})[user] = membership
            self.groups_of.setdefault(user, {})[group] = membership

    def _unindex(self, kind: Kind, record: Record) -> None:
        if kind == "USER":
            self.user_by_name.pop(record["UserName"].casefold(), None)
            self.user_by_email.pop(email_of(record).casefold(), None)
        elif kind == "GROUP":
            self.group_by_name.pop(record["DisplayName"].casefold(), None)
        else:
            self.members_of.get(record["GroupId"], {}).pop(record["MemberId"]["UserId"], None)
            self.groups_of.get(record["MemberId"]["UserId"], {}).pop(record["GroupId"], None)
