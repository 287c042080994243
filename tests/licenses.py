"""`make licenses`: what everything in the production lock is licensed under.

Fails on what MIT-licensed software cannot ship with, and on what nobody has looked at yet.
"""

import re
import sys

from tests.support import locks

PERMISSIVE = re.compile(
    r"\b(MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Python-2\.0|Unlicense|Zlib|HPND|0BSD"
    r"|CC0|Public Domain|ZPL)",
    re.IGNORECASE,
)
# Used as a library, unchanged and replaceable: nothing of ours comes under their terms.
WEAK_COPYLEFT = re.compile(r"\b(LGPL|Lesser General Public|MPL|Mozilla Public)", re.IGNORECASE)
COPYLEFT = re.compile(r"(?<!L)\b(AGPL|GPL|Affero|SSPL|(?<!Lesser )General Public)", re.IGNORECASE)


def verdict(license_):
    """`ok`, or why not. Of licences to choose from, one that fits is enough."""
    choices = re.split(r"\s+OR\s+", license_)
    if any(PERMISSIVE.search(choice) and not COPYLEFT.search(choice) for choice in choices):
        return "ok"
    if any(WEAK_COPYLEFT.search(choice) for choice in choices):
        return "ok"
    return "does not go with MIT" if COPYLEFT.search(license_) else "nobody has looked at this one"


def main():
    refused = 0
    for package in locks.read():
        if not package.is_for_here:
            print(f"{package.name:38} {package.version:14} only where {package.marker}")
            continue
        said = package.license or "not installed"
        judged = verdict(said)
        refused += judged != "ok"
        print(
            f"{package.name:38} {package.version:14} {said}{'' if judged == 'ok' else f' – {judged}'}"
        )
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
