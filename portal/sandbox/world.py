"""What a state folder is about, decided at its first start and kept: the anchor day, and whether
the company is in it.
"""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from portal.sandbox import company
from portal.sandbox.directory import Directory


@dataclasses.dataclass(frozen=True)
class World:
    """`anchor` is the UTC day of the first start: all sample data is dated from it."""

    anchor: date
    has_company: bool


def today() -> date:
    return datetime.now(UTC).date()


def load(folder: Path, *, has_company: bool | None) -> World:
    """The world of this folder; a new one is made with the company unless told otherwise."""
    path = folder / "world.json"
    if path.exists():
        kept = json.loads(path.read_text())
        return World(date.fromisoformat(kept["anchor"]), bool(kept["has_company"]))
    world = World(today(), has_company is not False)
    fresh = path.with_suffix(".new")
    fresh.write_text(
        json.dumps({"anchor": world.anchor.isoformat(), "has_company": world.has_company})
    )
    fresh.replace(path)
    return world


def populate(directory: Directory, *, anchor: date) -> None:
    """Seat groups, people and memberships of the sample company, with fixed ids; repeatable after a
    kill.
    """
    for plan in company.PLANS:
        if plan.group_id not in directory.records["GROUP"]:
            description = f"A seat on Kiro's {plan.code} plan"
            record = {
                "GroupId": plan.group_id,
                "DisplayName": plan.group_name,
                "Description": description,
            }
            directory.put("GROUP", record, at=_noon(anchor - timedelta(days=450)))
    for person in company.in_directory():
        _populate_person(directory, person, anchor=anchor)


def _populate_person(directory: Directory, person: company.Person, *, anchor: date) -> None:
    moment = _noon(anchor - timedelta(days=person.invited_days_ago))
    user_id = person.directory_user_id
    if user_id not in directory.records["USER"]:
        directory.put("USER", _user(person), at=moment)
    group_id = company.PLAN_BY_CODE[person.plan].group_id
    if person.in_seat_group and user_id not in directory.members_of.get(group_id, {}):
        membership_id = company.directory_id("membership", person.email)
        record = {
            "MembershipId": membership_id,
            "GroupId": group_id,
            "MemberId": {"UserId": user_id},
        }
        directory.put("GROUP_MEMBERSHIP", record, at=moment)


def _user(person: company.Person) -> dict[str, object]:
    return {
        "UserId": person.directory_user_id,
        "UserName": person.user_name,
        "Name": {"GivenName": person.given_name, "FamilyName": person.family_name},
        "DisplayName": person.display_name,
        "Emails": [{"Value": person.email, "Type": "work", "Primary": True}],
        "UserStatus": "DISABLED" if person.disabled else "ENABLED",
    }


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
