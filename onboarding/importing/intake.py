"""Many people onto the team at once, with as few statements for a thousand as for one."""

import gc
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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

    plan: Plan
    email: str
    given_name: str
    family_name: str
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
    with _collector_at_rest():
        keys = _members(people, actor=actor, is_listed=is_listed, due_at=due_at)
        audit.record_many(_events(people, keys, detail), actor=actor)


def _members(
    people: Sequence[Newcomer], *, actor: User | None, is_listed: bool, due_at: datetime | None
) -> list[int]:
    """Their rows' keys, in this order."""
    accounts = _accounts(people)
    made = Member.objects.bulk_create(
        Member(
            email=person.email,
            given_name=person.given_name,
            family_name=person.family_name,
            plan_id=person.plan.pk,
            user_id=accounts[person.email],
            added_by_id=actor.pk if actor else None,
            next_try_at=due_at,
            directory_user_id=person.directory_user_id,
            directory_user_name=person.directory_user_name,
            origin=Member.Origin.ADOPTED if person.directory_user_id else "",
            is_absent_from_directory=is_listed and not person.directory_user_id,
        )
        for person in people
    )
    return [member.pk for member in made]


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Thousands of new objects, all in use, make Python look again and again for garbage among
    everything there is: a quarter of the time. Whoever found the collector on switches it on."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


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


def _events(
    people: Sequence[Newcomer], keys: Sequence[int], detail: dict[str, Any]
) -> Iterator[audit.Entry]:
    for person, key in zip(people, keys, strict=True):
        subject = f"member:{key}"
        said = {"email": person.email, "plan": person.plan.code, **detail}
        yield audit.Entry("member.added", subject, said)
        if person.directory_user_id:
            whom = {"directory_user_id": person.directory_user_id}
            yield audit.Entry("directory_user.adopted", subject, whom)
