"""Many people onto the team at once, with as few statements for a thousand as for one."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction

from onboarding.models import Member, Plan
from portal import audit
from portal.models import User


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody for the team. `directory_user_id`: the user to adopt; empty when there is none."""

    email: str
    given_name: str
    family_name: str
    plan: Plan
    directory_user_id: str = ""
    directory_user_name: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


@transaction.atomic
def take_in(
    people: Sequence[Newcomer],
    *,
    actor: User | None,
    is_listed: bool,
    due_at: datetime | None,
    detail: dict[str, Any],
) -> None:
    """Put everybody on the team; nobody of them may be on it already.

    `is_listed`: Identity Center was just listed to the end, so whoever has no user id here has no
    user there. `due_at`: None keeps the work at AWS waiting. `detail`: for the audit log.
    """
    accounts = _accounts(people)
    made = Member.objects.bulk_create(
        Member(
            email=person.email,
            given_name=person.given_name,
            family_name=person.family_name,
            plan=person.plan,
            user_id=accounts[person.email],
            added_by=actor,
            next_try_at=due_at,
            directory_user_id=person.directory_user_id,
            directory_user_name=person.directory_user_name,
            origin=Member.Origin.ADOPTED if person.directory_user_id else "",
            is_absent_from_directory=is_listed and not person.directory_user_id,
        )
        for person in people
    )
    audit.record_many(_events(made, detail), actor=actor)


def _accounts(people: Sequence[Newcomer]) -> dict[str, int]:
    """Everybody's way into this portal, as `members.add` makes it for one."""
    there = User.objects.filter(email__in=[person.email for person in people])
    known = dict(there.values_list("email", "pk"))
    if known:
        User.objects.filter(pk__in=known.values(), is_active=False).update(is_active=True)
        Member.objects.filter(user__in=known.values()).update(user=None)  # who left before
    new = User.objects.bulk_create(
        _account(person) for person in people if person.email not in known
    )
    return known | {user.email: user.pk for user in new}


def _account(person: Newcomer) -> User:
    # As `set_unusable_password` does it, which takes five times as long for its random letters.
    password = UNUSABLE_PASSWORD_PREFIX + secrets.token_hex(20)
    return User(email=person.email, role=User.Role.MEMBER, name=person.full_name, password=password)


def _events(members: list[Member], detail: dict[str, Any]) -> Iterator[audit.Entry]:
    for member in members:
        subject = f"member:{member.pk}"
        said = {"email": member.email, "plan": member.plan.code, **detail}
        yield audit.Entry("member.added", subject, said)
        if member.directory_user_id:
            whom = {"directory_user_id": member.directory_user_id}
            yield audit.Entry("directory_user.adopted", subject, whom)
