"""Addresses as in a mail: `Ada Lovelace <ada@x.org>, tom@x.org; "Lee, Jo" <jo@x.org>`."""

import io
import re
from collections.abc import Iterable, Iterator

_PLAIN = r"[^\s@<>,;|\"]+@[^\s@<>,;|\"]+"
ADDRESS = re.compile(rf"<?{_PLAIN}>?")
_NAMED = re.compile(r"[^<>\t;|]*<[^\s@<>]+@[^\s@<>]+>")
_BETWEEN_NAMED = re.compile(r"(?<=>)\s*[,;]\s*")
_PLAIN_BEFORE_OTHERS = re.compile(rf"({_PLAIN})\s*[,;]\s*")
_SAMPLE = 50


def is_one(text: str) -> bool:
    """Nothing but addresses, some with a name or several on a line: no table."""
    sample = io.StringIO(text[:200_000], newline="")
    found = list(pieces(line for _, line in zip(range(_SAMPLE), sample, strict=False)))
    is_no_table = any("<" in piece for _, piece in found) or len({n for n, _ in found}) < len(found)
    return is_no_table and all(_is_address(piece) for _, piece in found)


def pieces(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Each address with its name, and the line it stands on."""
    for number, line in enumerate(lines, start=1):
        for part in _BETWEEN_NAMED.split(line.strip(" \t\r\n,;")):
            yield from ((number, piece) for piece in _apart(part) if piece)


def _apart(part: str) -> Iterator[str]:
    """The addresses without a name at its beginning, and what follows them."""
    start = 0
    while address := _PLAIN_BEFORE_OTHERS.match(part, start):
        yield address[1]
        start = address.end()
    yield part[start:]


def _is_address(piece: str) -> bool:
    is_named = _NAMED.fullmatch(piece) and piece.count(",") <= 1
    return bool(is_named or ADDRESS.fullmatch(piece))
