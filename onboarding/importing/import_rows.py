"""What is to become of each row of a list, and why. Pure: asks neither the database nor AWS."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from onboarding.importing.csv_columns import Person
from onboarding.models import ImportRow, Plan
from onboarding.models.imports import MOST_LETTERS
from onboarding.team import names
from portal.models import normalise_email

Verdict = ImportRow.Verdict

LONGEST_ADDRESS = 254
_is_address = EmailValidator()
_NOT_PRINTED = {"Cc", "Cs", "Cn"}


class Refused(Exception):
    """This row cannot be taken; the message is the row's reason."""

    def __init__(self, verdict: Verdict, reason: str) -> None:
        super().__init__(reason)
        self.verdict, self.reason = verdict, reason


class Plans:
    """The plans by every word a list may call them: `pro-plus`, `Pro+`, `Kiro Pro Plus`."""

    def __init__(self, plans: Sequence[Plan], default: Plan | None) -> None:
        self._default = default
        self._names = ", ".join(plan.name for plan in plans)
        self._by_word = {_word(plan.name): plan for plan in plans}
        self._by_word |= {_word(plan.code): plan for plan in plans}

    def knows(self, text: str) -> bool:
        return _word(text) in self._by_word

    def find(self, text: str) -> Plan:
        """An empty cell means the plan for all. Raises: Refused."""
        plan = self._by_word.get(_word(text)) if text else self._default
        if plan is None and text:
            raise Refused(
                Verdict.UNKNOWN_PLAN, f"“{_cut(text, 40)}” is no plan. Plans: {self._names}."
            )
        if plan is None:
            raise Refused(Verdict.UNKNOWN_PLAN, "No plan is given, and none for all is chosen.")
        return plan


@lru_cache(maxsize=512)
def _word(text: str) -> str:
    words = unicodedata.normalize("NFKC", text).casefold().replace("+", " plus ")
    return re.sub(r"[\W_]+", "", words).removeprefix("kiro")


@dataclass(slots=True)
class _Cleaned:
    email: str
    given_name: str
    family_name: str


def judge(people: Sequence[Person], plans: Plans) -> Iterator[ImportRow]:
    """A row for each person, in order; whether they are there already is not known here."""
    seen: dict[str, int] = {}
    for number, person in enumerate(people, start=1):
        row = ImportRow(number=number, line=person.line, plan_text=shown(person.plan))
        try:
            cleaned = _clean(person)
            row.email, row.given_name = cleaned.email, cleaned.given_name
            row.family_name = cleaned.family_name
            row.plan = plans.find(person.plan)
            _refuse_twice(cleaned.email, person.line, seen)
            row.verdict = Verdict.NEW
        except Refused as refusal:
            row.verdict, row.reason = refusal.verdict, shown(refusal.reason)
            _show_as_read(row, person)
        yield row


def _show_as_read(row: ImportRow, person: Person) -> None:
    if not row.email:
        row.email, row.given_name = shown(person.email), shown(person.given_name)
        row.family_name = shown(person.family_name)


def shown(text: str) -> str:
    """As much of a cell as is kept, without what cannot be shown or stored."""
    text = _cut(text, MOST_LETTERS)
    if text.isprintable():
        return text
    kept = ("\ufffd" if unicodedata.category(c) in _NOT_PRINTED else c for c in text)
    return "".join(kept)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _clean(person: Person) -> _Cleaned:
    """Raises: Refused."""
    email = _clean_email(person)
    given, family = _clean_name(person.given_name), _clean_name(person.family_name)
    if not given:
        what = "given name" if family else "name"
        raise Refused(Verdict.INVALID, f"There is no {what}, and Identity Center needs one.")
    return _Cleaned(email, given, family)


def _clean_email(person: Person) -> str:
    email = normalise_email(person.email)
    if not email:
        raise Refused(Verdict.INVALID, "There is no e-mail address.")
    _refuse_unread(email)
    if len(email) > LONGEST_ADDRESS:
        raise Refused(
            Verdict.INVALID, f"The e-mail address is longer than {LONGEST_ADDRESS} letters."
        )
    try:
        _is_address(email)
    except ValidationError:
        words = f"“{_cut(shown(person.email), 80)}” is no e-mail address."
        raise Refused(Verdict.INVALID, words) from None
    return email


def _clean_name(text: str) -> str:
    name = names.tidy(text)
    _refuse_unread(name)
    if names.has_odd_letter(name):
        raise Refused(Verdict.INVALID, "The name contains a character that no name has.")
    if len(name) > names.LONGEST_NAME:
        raise Refused(Verdict.INVALID, f"A name is longer than {names.LONGEST_NAME} letters.")
    return name


def _refuse_unread(text: str) -> None:
    if "\ufffd" in text:
        raise Refused(
            Verdict.INVALID, "A letter could not be read. Save the list as UTF-8 and try again."
        )


def _refuse_twice(email: str, line: int, seen: dict[str, int]) -> None:
    if email in seen:
        raise Refused(Verdict.TWICE, f"The same person as in line {seen[email]}.")
    seen[email] = line


def digest(rows: Sequence[ImportRow]) -> str:
    """The same for the same people with the same plans, whatever their order or spelling."""
    known = sorted("\x1f".join(_told_apart_by(row)) for row in rows)
    return hashlib.sha256("\x1e".join(known).encode()).hexdigest()


def _told_apart_by(row: ImportRow) -> tuple[str, ...]:
    plan = row.plan.code if row.plan else ""
    return row.email, row.given_name, row.family_name, plan, str(row.verdict)
