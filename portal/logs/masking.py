"""Takes out of a log line what must not be kept: links that sign in, keys, passwords, addresses."""

import os
import re
from collections.abc import Callable

MASK = "***"
_SHORTEST_SECRET = 8
_OWN_SECRETS = ("SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID")


def _query(found: re.Match[str]) -> str:
    return "?***" if "=" in found[0] else found[0]


# Whoever is not signed in writes into these lines: each pattern looks at a letter a fixed number of
# times, however long the line. So a name is read from where it begins, once, and not taken back
# (`(?<![...])`, `++`); what it contains, a look ahead tells.
_PATTERNS: list[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]] = [
    # Links that let somebody in, or that speak for somebody.
    (
        re.compile(r"(/invitation/|/accounts/link/[^/\s]+/|(?<!/team)/reminders/)[^/\s?\"']+"),
        r"\1***",
    ),
    (re.compile(r"(/accounts/(?:confirm-email|password/reset/key)/)[^/\s?\"']+"), r"\1***"),
    # Query strings: what somebody searched for, and whatever a link carries.
    (re.compile(r"(?<=[\w/*])\?[^\s\"'<>]*+"), _query),
    (re.compile(r"(?<=://)[^/\s@:]*+:[^/\s@]*+(?=@)"), MASK),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), MASK),
    (re.compile(r"\bwhsec_[\w+/=-]+"), MASK),
    (
        re.compile(
            r"(?i)((?<![\w-])(?=[\w-]*?(?:secret|password|passwd|token|authorization|cookie|session"
            r"|signature|loginto))[\w-]++[\"']?\s*+[:=]\s*+)"
            r"(?:(?:bearer|basic|aws4-hmac-sha256)\s++)?(\"[^\"]*+\"|'[^']*+'|[^\s,;&}\"']++)"
        ),
        r"\1***",
    ),
    # Whose address it is, the user's id tells.
    (re.compile(r"(?<![\w.+%=-])[\w.+%=-]++(?=@[\w-]++\.[\w.-])"), MASK),
]


def mask(text: str) -> str:
    for secret in _own_secrets():
        text = text.replace(secret, MASK)
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def _own_secrets() -> list[str]:
    found = [os.environ.get(name, "") for name in _OWN_SECRETS]
    found += os.environ.get("SECRET_KEY_FALLBACKS", "").split(",")
    return [secret for secret in map(str.strip, found) if len(secret) >= _SHORTEST_SECRET]
