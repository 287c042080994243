"""What an error text means. Pure: no database, no clock.

People paste texts wrapped at any column, in quotes of any language, cut at either end, in a log
with colours. So texts and phrases are compared by their letters and digits alone.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from onboarding.setup import failures
from onboarding.setup.failures.kinds import Failure, Sign

MOST_OTHERS = 2
LEAST_CUT = 20
"""Letters of a cut phrase that must be there, and at least `CUT_SHARE` of all."""
CUT_SHARE = 0.6

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_ESCAPES = re.compile(r"\\[nrt]|\\u00[0-9a-f]{2}|\\")
_DENIED_ACTION = re.compile(r"to\s+perform:?\s*([a-z0-9-]+:[A-Za-z]+)")
_REQUEST_ID = re.compile(r"request\s*-?id\W{1,4}([0-9a-f]{8}-[0-9a-f-]{27,})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The failure that the text contains. `action`: the permission that AWS names in it."""

    failure: Failure
    others: tuple[Failure, ...] = ()
    action: str = ""
    request_id: str = ""


def diagnose(text: str) -> Diagnosis | None:
    """The known failure in the text, or None: better no answer than a wrong one."""
    letters = letters_of(text)
    scored = [(_score(failure, letters), failure) for failure in failures.ALL]
    found = sorted((each for each in scored if each[0]), key=_rank, reverse=True)
    if not found:
        return None
    best, *rest = (failure for _, failure in found)
    action, request = _DENIED_ACTION.search(_plain(text)), _REQUEST_ID.search(text)
    return Diagnosis(
        best,
        tuple(each for each in rest if not each.is_general)[:MOST_OTHERS],
        action[1] if action else "",
        request[1] if request else "",
    )


def _rank(scored: tuple[int, Failure]) -> tuple[bool, int]:
    score, failure = scored
    return not failure.is_general, score


def _plain(text: str) -> str:
    text = _ESCAPES.sub(" ", html.unescape(_COLOURS.sub("", text)))
    return unicodedata.normalize("NFKC", text)


def letters_of(text: str) -> str:
    """Letters and digits alone, in one case: no space, quote or frame can stand in between."""
    return "".join(letter for letter in _plain(text).casefold() if letter.isalnum())


def _score(failure: Failure, text: str) -> int:
    """How many letters of the text give the failure away; 0 for none."""
    return max(_of_sign(sign, text) for sign in failure.signs)


def _of_sign(sign: Sign, text: str) -> int:
    if isinstance(sign, tuple):
        parts = [_letters_of_sign(phrase) for phrase in sign]
        return sum(map(len, parts)) if all(part in text for part in parts) else 0
    phrase = _letters_of_sign(sign)
    return len(phrase) if phrase in text else _of_cut(phrase, text)


_letters_of_sign = cache(letters_of)  # some hundreds, the same for every text


def _of_cut(phrase: str, text: str) -> int:
    """How much of the phrase stands at the very end or start of a text that was cut there."""
    least = max(LEAST_CUT, round(len(phrase) * CUT_SHARE))
    for length in range(len(phrase) - 1, least - 1, -1):
        if text.endswith(phrase[:length]) or text.startswith(phrase[-length:]):
            return length
    return 0


_SECRETS = (
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}"),
    re.compile(r"(?i)(?<=bearer )[\w.~+/=-]{12,}"),
    re.compile(r"\beyJ[\w-]{8,}\.[\w.-]+"),
    re.compile(
        r"(?i)(?<=[?&])(?:workflowResultHandle|code|token|state|user_code|samlresponse)=[^&\s]+"
    ),
    # A name is read from where it begins, once, however long it is.
    re.compile(
        r"(?i)(?<![\w-])(?=[\w-]*?(?:secret|token|password|passwd|api_?key))"
        r"[\w-]++[\"']?\s*+[:=]\s*+\S+"
    ),
)


def without_secrets(text: str) -> str:
    """Before a text is kept: what looks like a key, a token or a code is struck out."""
    for pattern in _SECRETS:
        text = pattern.sub("[struck out]", text)
    return text
