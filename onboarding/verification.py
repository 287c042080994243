"""What Kiro shows a member, against what the company has: is it the right account and plan?

Pure: no database, no clock. Kiro's own words for plans and identities vary, so texts are compared
by what they contain, and where they do not settle the question the answer is `CANNOT_TELL`.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    RIGHT = "right"
    PERSONAL = "personal"
    WRONG_PLAN = "wrong-plan"
    NOT_YET = "not-yet"
    CANNOT_TELL = "cannot-tell"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the member typed or pasted, as it came: plan, credits, account id or the whole line."""

    plan: str = ""
    credits: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """The plan assigned here, and by what the company's account is known."""

    plan: str
    credits: int
    account_id: str
    identity_store_id: str


FREE_CREDITS = 50
_PERSONAL = re.compile(r"builder\s*id|google|github", re.IGNORECASE)
_ACCOUNT_ID = re.compile(r"(?<!\d)\d{4}[- ]?\d{4}[- ]?\d{4}(?!\d)")
_STORE_ID = re.compile(r"\bd-[0-9a-z]{10}\b", re.IGNORECASE)


def compare(shown: Shown, expected: Expected) -> Verdict:
    """The verdict on what Kiro shows; see `Verdict`."""
    is_ours = _is_ours(shown.account, expected)
    plan, allowance = letters(shown.plan), _number(shown.credits)
    looks_free = plan == "free" or (not plan and allowance == FREE_CREDITS)
    if is_ours is False:
        return Verdict.PERSONAL
    if is_ours is None:
        return Verdict.PERSONAL if looks_free else _without_account(plan, allowance, expected)
    if looks_free or plan in {"none", "noplan", "nosubscription", "pending"}:
        return Verdict.NOT_YET
    return _of_plan(plan, allowance, expected)


def _of_plan(plan: str, allowance: int | None, expected: Expected) -> Verdict:
    if not plan and allowance is None:
        return Verdict.CANNOT_TELL
    is_right = plan == letters(expected.plan) if plan else allowance == expected.credits
    return Verdict.RIGHT if is_right else Verdict.WRONG_PLAN


def _without_account(plan: str, allowance: int | None, expected: Expected) -> Verdict:
    """An individual plan of the same name shows the same credits: right cannot be told apart."""
    verdict = _of_plan(plan, allowance, expected)
    return Verdict.CANNOT_TELL if verdict == Verdict.RIGHT else verdict


def _is_ours(account: str, expected: Expected) -> bool | None:
    """Whether the text names this company's account; None when it names none at all."""
    stores = {match.lower() for match in _STORE_ID.findall(account)}
    accounts = {re.sub(r"\D", "", match) for match in _ACCOUNT_ID.findall(account)}
    if expected.identity_store_id.lower() in stores or expected.account_id in accounts:
        return True
    return False if stores or accounts or _PERSONAL.search(account) else None


def letters(plan: str) -> str:
    """`Pro+`, `PRO_PLUS`, `KiroEnterprise-ProPlus` and `pro-plus` are one plan: `proplus`."""
    plain = re.sub(r"[^a-z]", "", plan.lower().replace("+", "plus"))
    return re.sub(r"^(kiro)?(enterprise)?", "", plain) or plain


def _number(text: str) -> int | None:
    """`2,000`, `2.000` and `2 000 credits` are 2000; of `120 / 2,000` the allowance counts."""
    figures = re.findall(r"\d[\d.,'’\s\u00a0\u202f]*", text)
    digits = [re.sub(r"\D", "", re.sub(r"[.,]\d{1,2}\s*$", "", figure)) for figure in figures]
    return max((int(number[:12]) for number in digits if number), default=None)
