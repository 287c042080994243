"""Takes out of a log line what must not be kept: links that sign in, keys, passwords, addresses."""

import os
import re

MASK = "***"
_SHORTEST_SECRET = 8
_OWN_SECRETS = ("SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID")

_PATTERNS = [
    # Links that let somebody in, or that speak for somebody.
    (
        re.compile(r"(/invitation/|/accounts/link/[^/\s]+/|(?<!/team)/reminders/)[^/\s?\"']+"),
        r"\1***",
    ),
    (re.compile(r"(/accounts/(?:confirm-email|password/reset/key)/)[^/\s?\"']+"), r"\1***"),
    # Query strings: what somebody searched for, and whatever a link carries.
    (re.compile(r"(?<=[\w/*])\?[^\s\"'<>]*=[^\s\"'<>]*"), "?***"),
    (re.compile(r"(?<=://)[^/\s@]*:[^/\s@]*(?=@)"), MASK),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), MASK),
    (re.compile(r"\bwhsec_[\w+/=-]+"), MASK),
    (
        re.compile(
            r"(?i)(\b[\w-]*(?:secret|password|passwd|token|authorization|cookie|session(?:_?(?:id|key))?"
            r"|signature|loginto|secret_?access_?key)[\w-]*[\"']?\s*[:=]\s*)"
            r"(?:(?:bearer|basic|aws4-hmac-sha256)\s+)?(\"[^\"]*\"|'[^']*'|[^\s,;&}\"']+)"
        ),
        r"\1***",
    ),
    # Whose address it is, the user's id tells.
    (re.compile(r"[\w.+%=-]+(?=@[\w-]+\.[\w.-]+)"), MASK),
]


def mask(text: str) -> str:
    for secret in _own_secrets():
        text = text.replace(secret, MASK)
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def _own_secrets() -> list[str]:
    found = (os.environ.get(name, "") for name in _OWN_SECRETS)
    return [secret for secret in found if len(secret) >= _SHORTEST_SECRET]
