"""What Kiro shows a member, against what the company has: is it the right account and plan?

Pure: no database, no clock. Kiro's own words for plans and identities vary, so texts are compared
by what they contain, and where they do not settle the question the answer is `CANNOT_TELL`.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    RIGHT = "right"
    PERSONAL = "personal"
    WRONG_PLAN = "wrong-plan"
    NOT_YET = "not-yet"
    CANNOT_TELL = "cannot-tell"


PLAINLY_WRONG = frozenset({Verdict.PERSONAL, Verdict.WRONG_PLAN, Verdict.NOT_YET})
"""Another account or plan: only a new check, or proof that is newer, says otherwise."""


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
_NO_PLAN = {"none", "noplan", "nosubscription", "pending"}
_PLANS = {"free", "pro", "proplus", "promax", "power", *_NO_PLAN}
"""Words by which a plan is known inside a longer line; the assigned plan's name joins them."""

_PERSONAL = re.compile(r"builder\s*id|google|github|view\.awsapps\.com", re.IGNORECASE)
_ACCOUNT_ID = re.compile(r"(?<!\d)\d{4}[-. ]?\d{4}[-. ]?\d{4}(?!\d)")
_STORE_ID = re.compile(r"\bd-[0-9a-z]{10}\b", re.IGNORECASE)
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_SPACES = " \u00a0\u202f\u2009"
_NUMBER = rf"\d+(?:[.,'_{_SPACES}]\d{{3}})*(?:[.,]\d{{1,2}})?(?!\d)"
_CREDITS = (
    "(?:cr[eéè]dit|kred[iy]t?|кредит|πιστώσ|クレジット|积分|積分|點數|点数|크레딧|رصيد|क्रेडिट"
    "|เครดิต|קרדיט)"
)
_NAMED_CREDITS = re.compile(
    rf"(?:{_NUMBER}\s*(?:/|of|von|de|sur|di)\s*)?(?P<before>{_NUMBER})\s*{_CREDITS}"
    rf"|{_CREDITS}\w*\s*[:=]?\s*"
    rf"(?:{_NUMBER}\s*(?:/|of|von|de|sur|di)\s*)?(?P<after>{_NUMBER})",
    re.IGNORECASE,
)


def compare(shown: Shown, expected: Expected) -> Verdict:
    """The verdict on what Kiro shows; see `Verdict`."""
    is_ours = _is_ours(f"{shown.account}\n{shown.plan}", expected)
    plan, allowance = _plan(shown, expected), _allowance(shown)
    looks_free = plan == "free" or (not plan and allowance == FREE_CREDITS)
    if is_ours is False:
        return Verdict.PERSONAL
    if is_ours is None:
        return Verdict.PERSONAL if looks_free else _without_account(plan, allowance, expected)
    if looks_free or plan in _NO_PLAN:
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


def _is_ours(text: str, expected: Expected) -> bool | None:
    """Whether the text names this company's account; None when it names none at all."""
    text = re.sub(r"-\s*\n\s*", "-", _plain(text))
    ids = _ids(text)
    if {expected.identity_store_id.lower(), expected.account_id} & ids:
        return True
    if _is_wrapped(text, expected):
        return True
    return False if ids or _PERSONAL.search(text) else None


def _ids(text: str) -> set[str]:
    stores = {match.lower() for match in _STORE_ID.findall(text)}
    return stores | {re.sub(r"\D", "", match) for match in _ACCOUNT_ID.findall(text)}


def _is_wrapped(text: str, expected: Expected) -> bool:
    """A narrow window broke our id over two lines."""
    joined = re.sub(r"\s*\n\s*", "", text).lower()
    store = expected.identity_store_id.lower()
    return (bool(store) and store in joined) or expected.account_id in _ids(joined)


# The plan --------------------------------------------------------------------------------------


def letters(plan: str) -> str:
    """`Pro+`, `PRO_PLUS`, `KiroEnterprise-ProPlus` and `pro-plus` are one plan: `proplus`."""
    plain = re.sub(r"[^a-z]", "", plan.lower().replace("+", "plus"))
    return re.sub(r"^(kiro)?(enterprise)?", "", plain) or plain


def _plan(shown: Shown, expected: Expected) -> str:
    """The plan that the member names, alone or somewhere in a line."""
    known = _PLANS | {letters(expected.plan)}
    whole = letters(_plain(shown.plan))
    if whole in known:
        return whole
    if named := _plan_in(shown.plan, known):
        return named
    is_a_line = _STORE_ID.search(shown.plan) or len(shown.plan.split()) > 4
    return whole if whole and not is_a_line else _plan_in(shown.account, known)


def _plan_in(line: str, known: set[str]) -> str:
    """The first plan in the line; of `Pro Max` and `Pro` that start together the longer one."""
    words = re.findall(r"[a-z]+", _bare(line).lower().replace("+", " plus "))
    names = [
        letters("".join(words[start : start + length]))
        for start in range(len(words))
        for length in (4, 3, 2, 1)
    ]
    # A plan outweighs a "none", which may be said of something else in the same line.
    plans = [name for name in names if name in known]
    return next((name for name in plans if name not in _NO_PLAN), plans[0] if plans else "")


# The credits -----------------------------------------------------------------------------------


def _allowance(shown: Shown) -> int | None:
    """Of `120 / 2,000` the allowance counts; in a whole line only what is called credits."""
    if (typed := _largest(re.findall(_NUMBER, _plain(shown.credits)))) is not None:
        return typed
    line = _bare(f"{shown.plan}\n{shown.account}")
    named = [match["before"] or match["after"] for match in _NAMED_CREDITS.finditer(line)]
    return _largest(named)


def _largest(figures: list[str]) -> int | None:
    """`2,000`, `2.000`, `2 000` and `2’000.00` are 2000."""
    digits = [re.sub(r"\D", "", re.sub(r"[.,]\d{1,2}$", "", figure)) for figure in figures]
    return max((int(number[:12]) for number in digits if number), default=None)


def _bare(line: str) -> str:
    """Without links and account ids, whose letters and digits are neither plan nor credits."""
    line = _plain(line)
    for pattern in (_LINK, _STORE_ID, _ACCOUNT_ID):
        line = pattern.sub(" ", line)
    return line


_ONE_FORM = str.maketrans(
    {
        **dict.fromkeys("’‘ʼ˙´`′", "'"),
        **dict.fromkeys("‐‑‒–—−﹣－", "-"),
        "٬": ",",
        "٫": ".",
        "＋": "+",
        "，": ",",
    }
)
_TEN_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})\s?[万萬만]")
_THOUSANDS = re.compile(r"(?<![\d.,\w-])(\d{1,3})\s?k\b", re.IGNORECASE)


def _plain(text: str) -> str:
    """Digits and signs of every script in one form: `２，０００`, `٢٬٠٠٠` and `2k` are 2000."""
    spaced = unicodedata.normalize("NFKC", text.translate(_ONE_FORM))
    digits = "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in spaced
    )
    return _THOUSANDS.sub(r"\g<1>000", _TEN_THOUSANDS.sub(r"\g<1>0000", digits))
