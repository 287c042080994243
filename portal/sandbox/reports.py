"""Kiro's user activity reports of the last four months, with all the oddities FACTS §7 names, laid
into moto's S3.

One CSV a day and client, exported at 02:00 UTC of the next day. Some days are exported twice;
columns, spellings of the tier, quotes around ids and a byte order mark come and go.
"""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from portal.sandbox import company, costs, history
from portal.sandbox.company import (
    ACCOUNT_ID,
    IDENTITY_STORE_ID,
    REGION,
    REPORT_BUCKET,
    REPORT_PREFIX,
    Person,
)

DAYS = 125
_LOGS = f"{REPORT_PREFIX}/AWSLogs/{ACCOUNT_ID}/KiroLogs"
_CLIENTS = {"KIRO_IDE": 1.0, "KIRO_CLI": 0.45, "PLUGIN": 0.15}  # share of people who use it
_MODEL_COLUMNS = ("auto_messages", "claude_sonnet_4_5_messages", "claude_haiku_4_5_messages")
_BASE_COLUMNS = (
    "Date",
    "UserId",
    "Client_Type",
    "Chat_Conversations",
    "Credits_Used",
    "Overage_Cap",
    "Overage_Credits_Used",
    "Overage_Enabled",
    "ProfileId",
    "Subscription_Tier",
    "Total_Messages",
)
_OVERAGE_USER = "zoe@northwind.example"
Row = dict[str, str]


def files(anchor: date, *, first: date, now: datetime) -> Iterator[tuple[str, bytes]]:
    """(S3 key, CSV) of every export from the reports of `first` up to now."""
    day = first
    while (exported := datetime.combine(day + timedelta(days=1), time(2), UTC)) <= now:
        for client in _CLIENTS:
            rows = list(_rows(anchor, day, client))
            again = exported + timedelta(hours=7)
            if len(rows) > 1 and history.draw(f"again/{day}/{client}") < 0.06 and again <= now:
                yield _key(day, client, exported), _csv(day, rows[:-1])
                yield _key(day, client, again), _csv(day, rows)
            elif rows:
                yield _key(day, client, exported), _csv(day, rows)
        day += timedelta(days=1)


def _key(day: date, client: str, exported: datetime) -> str:
    name = f"{client}_{ACCOUNT_ID}_user_report_{exported:%Y%m%d%H%M%S}.csv"
    return f"{_LOGS}/user_report/{REGION}/{day:%Y/%m/%d}/00/{name}"


def _rows(anchor: date, day: date, client: str) -> Iterator[Row]:
    for person in company.in_directory():
        overage = costs.overage_credits(anchor, day) if person.email == _OVERAGE_USER else 0
        if person.email == _OVERAGE_USER and _is_of_full_month(person, day, anchor):
            if client == "KIRO_IDE":
                yield from _heavy_rows(person, day, anchor, overage=int(overage))
            continue
        uses_client = history.draw(f"client/{client}/{person.email}") < _CLIENTS[client]
        if uses_client and history.is_active(person, day=day, anchor=anchor):
            yield _row(person, day, client, used=_usual(person, day, client))


def _is_of_full_month(person: Person, day: date, anchor: date) -> bool:
    return day.replace(day=1) > anchor - timedelta(days=person.signed_in_days_ago or 0)


def _heavy_rows(person: Person, day: date, anchor: date, *, overage: int) -> Iterator[Row]:
    """The allowance is used up before overage begins; from then on every credit is overage."""
    days = [day.replace(day=number) for number in range(1, costs.OVERAGE_FROM)]
    working = [each for each in days if history.is_active(person, day=each, anchor=anchor)]
    if day in working:
        allowance = company.PLAN_BY_CODE[person.plan].credits
        yield _row(person, day, "KIRO_IDE", used=allowance / len(working))
    elif overage:
        yield _row(person, day, "KIRO_IDE", used=overage, overage=overage)


def _usual(person: Person, day: date, client: str) -> float:
    plan = company.PLAN_BY_CODE[person.plan]
    diligence = 0.1 + 0.9 * history.draw(f"diligence/{person.email}")
    chance = history.draw(f"{day}/{client}/{person.email}")
    return plan.credits / 22 * diligence * (0.5 + chance) * _CLIENTS[client]


def _row(person: Person, day: date, client: str, *, used: float, overage: int = 0) -> Row:
    messages = 1 + int(used * 0.9)
    auto = messages * 6 // 10
    return {
        "Date": day.isoformat(),
        "UserId": _user_id(person, day),
        "Client_Type": client,
        "Chat_Conversations": str(1 + messages // 9),
        "Credits_Used": f"{used:.2f}",
        "Overage_Cap": "5000" if overage else "",
        "Overage_Credits_Used": str(overage) if overage else "0",
        "Overage_Enabled": "true",
        "ProfileId": company.PROFILE_ID,
        "Subscription_Tier": _tier(person, day),
        "Total_Messages": str(messages),
        "New_User": "false",
        "User_Email": person.email,
        "auto_messages": str(auto),
        "claude_sonnet_4_5_messages": str(messages - auto),
        "claude_haiku_4_5_messages": "nan" if day.day % 11 == 0 else "0",
    }


def _tier(person: Person, day: date) -> str:
    """Spelled in another way each day."""
    plan = company.PLAN_BY_CODE[person.reported_tier or person.plan]
    return (plan.tier, plan.tier.title().replace("_", ""), plan.usage_type[5:])[day.day % 3]


def _user_id(person: Person, day: date) -> str:
    if day.month % 2:
        return person.directory_user_id
    return f"{IDENTITY_STORE_ID}.{person.directory_user_id}"


def _csv(day: date, rows: list[Row]) -> bytes:
    columns = list(_BASE_COLUMNS)
    if day.day > 10:
        columns += ["New_User", *_MODEL_COLUMNS]
    if day.day % 4 == 0:
        columns.insert(2, "User_Email")
    text = io.StringIO()
    quoting: Any = csv.QUOTE_ALL if day.day % 5 == 0 else csv.QUOTE_MINIMAL
    writer = csv.DictWriter(text, columns, extrasaction="ignore", quoting=quoting)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig" if day.day % 7 == 0 else "utf-8")


class Shelf:
    """Lays the reports into moto's S3 at the first S3 call, and the newer ones at later calls."""

    def __init__(self, anchor: date) -> None:
        self._anchor = anchor
        self._lock = threading.Lock()
        self._filled_until: datetime | None = None

    def fill(self, now: datetime) -> None:
        with self._lock:
            before = self._filled_until
            if before is not None and now - before < timedelta(minutes=10):
                return
            self._filled_until = now
            first = (
                (now.date() - timedelta(days=DAYS))
                if before is None
                else before.date() - timedelta(days=2)
            )
            self._put(files(self._anchor, first=first, now=now), is_new=before is None)

    def _put(self, found: Iterator[tuple[str, bytes]], *, is_new: bool) -> None:
        from moto.s3.models import s3_backends  # noqa: PLC0415 - see MotoBridge

        backend = s3_backends[ACCOUNT_ID]["aws"]
        if is_new:
            backend.create_bucket(REPORT_BUCKET, REGION)
            # What lies beside the reports in real life, and must never be read (FACTS §7).
            backend.put_object(
                REPORT_BUCKET, f"{_LOGS}/GenerateAssistantResponse/{REGION}/prompts.json", b"{}"
            )
        for key, body in found:
            backend.put_object(REPORT_BUCKET, key, body)
