"""What a cell of the activity report says. Pure; raises ValueError, in plain words, for nonsense.

Reports are long and their cells repeat themselves, so most answers are remembered.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from onboarding.steps import verification

Convert = Callable[[str], Any]

LARGEST_AMOUNT = Decimal(10) ** 13
LARGEST_COUNT = 2**31 - 1
STORED = Decimal("0.000001")
NOTHING = Decimal(0)

_STORE = re.compile(r"d-[0-9a-z]{10}\.", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})[-/](\d\d)[-/](\d\d)(?!\d)")
_AMERICAN_DAY = re.compile(r"(\d\d)[-/](\d\d)[-/](\d{4})(?!\d)")
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_NONE = {"", "-", "none", "null", "n/a"}


@lru_cache(4096)
def amount(text: str) -> Decimal:
    """Credits; what is no number by its own account (`nan`, `inf`, blank) is nothing."""
    return _finite(text) or NOTHING


@lru_cache(1024)
def cap(text: str) -> Decimal | None:
    return _finite(text)


def _finite(text: str) -> Decimal | None:
    text = text.strip()
    if text.lower() in _NONE:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ValueError("is no number") from error
    if not value.is_finite():
        return None
    if value < 0 or value >= LARGEST_AMOUNT:
        raise ValueError("is less than nothing" if value < 0 else "is too large")
    return value.quantize(STORED)


@lru_cache(4096)
def count(text: str) -> int:
    value = _finite(text) or NOTHING
    if value != int(value):
        raise ValueError("is no whole number")
    if value > LARGEST_COUNT:
        raise ValueError("is too large")
    return int(value)


@lru_cache(1024)
def day(text: str) -> date:
    """Of a moment its day."""
    if match := _DAY.match(text.strip()):
        year, month, number = map(int, match.groups())
    elif match := _AMERICAN_DAY.match(text.strip()):
        month, number, year = map(int, match.groups())
    else:
        raise ValueError("is no date")
    try:
        return date(year, month, number)
    except ValueError as error:  # a 31 November, in words for programmers
        raise ValueError("is no date") from error


def person(text: str) -> str:
    """Identity Center's id of the user, without quotes and without the store's id before it."""
    bare = text.strip(" \t\r\"'")
    if bare[:2] in {"d-", "D-"}:
        bare = _STORE.sub("", bare, count=1)
    if not bare or len(bare) > 100:
        raise ValueError("is no user")
    return bare


@lru_cache(256)
def flag(text: str) -> bool | None:
    word = text.strip().lower()
    if word in _NONE:
        return None
    if word not in _FLAGS:
        raise ValueError("is neither true nor false")
    return _FLAGS[word]


@lru_cache(256)
def client(text: str) -> str:
    return re.sub(r"[\s-]+", "_", text.strip().upper())[:40]


@lru_cache(256)
def tier(text: str) -> str:
    """Every spelling of a tier is one: `proplus`."""
    return verification.letters(text)[:40] if text.strip() else ""


@lru_cache(1024)
def short(text: str) -> str:
    return text.strip()[:100]


def email(text: str) -> str:
    address = text.strip()
    return address if "@" in address and len(address) <= 254 else ""


def profile(text: str) -> str:
    return text.strip()[:200]
