"""One file of the activity report, as bytes come in: rows by the header's names, and what is wrong.

Columns come and go, so none has a place; a model's column is one that ends in `_messages`. A cell
that makes no sense counts as nothing and is noted, a line without a person or a day is left out
and noted, and neither stops the file. Pure: no database, no clock, no network.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Any

from billing.usage import cells as read
from billing.usage.rows import Note, Row
from portal.exports import defuse

MOST_NOTES = 200
"""A file; what is beyond is counted only."""

LONGEST_LINE = 512 * 1024
LONGEST_NOTE = 100

_MODEL = re.compile(r"(.+)_messages", re.IGNORECASE)


class NoReport(Exception):
    """The file is not an activity report; says why."""


_COLUMNS: tuple[tuple[str, read.Convert, Any], ...] = (
    ("date", read.day, None),
    ("userid", read.person, None),
    ("clienttype", read.client, ""),
    ("subscriptiontier", read.tier, ""),
    ("subscriptiontier", read.short, ""),
    ("chatconversations", read.count, 0),
    ("totalmessages", read.count, 0),
    ("creditsused", read.amount, read.NOTHING),
    ("overagecreditsused", read.amount, read.NOTHING),
    ("overagecap", read.cap, None),
    ("overageenabled", read.flag, None),
    ("newuser", read.flag, None),
    ("profileid", read.profile, ""),
    ("useremail", read.email, ""),
)
"""Name in letters only, what reads a cell, and what counts when it cannot be read."""
_NEEDED = {"date": "Date", "userid": "UserId"}
_COUNTS = {"chatconversations", "totalmessages", "creditsused"}


# Lines -----------------------------------------------------------------------------------------


def _lines(chunks: Iterable[bytes]) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it is closed by a line break, as all but the last must be."""
    rest = b""
    for chunk in chunks:
        whole, is_found, rest = (rest + chunk).rpartition(b"\n")
        if is_found:
            for line in _text(whole).split("\n"):
                yield line, True
        rest = rest[:LONGEST_LINE]
    if rest:
        yield _text(rest), False


def _text(data: bytes) -> str:
    """The database takes no NUL."""
    return data.decode("utf-8", "replace").replace("\0", "")


class Report:
    """A file's rows, one after the other; `notes` and `bad_rows` are whole once those are read.

    Raises: NoReport, when it is made.
    """

    def __init__(self, chunks: Iterable[bytes], *, client: str) -> None:
        self.notes: list[Note] = []
        self.bad_rows = 0
        self._client = client
        self._line, self._is_closed = 0, True
        self._table = csv.reader(self._sound_lines(chunks))
        self._names = self._read_header()
        self._width = len(self._names)
        places = {_letters(name): place for place, name in enumerate(self._names)}
        # What the file does not have is read from the blank cell that `_rows` puts at the end.
        self._plan = [(convert, places.get(name, -1)) for name, convert, _ in _COLUMNS]
        self._models = _models(self._names)

    def __iter__(self) -> Iterator[Row]:
        for cells in self._rows():
            try:
                values = [convert(cells[place]) for convert, place in self._plan]
            except ValueError:
                values = self._what_makes_sense(cells)
            if values[0] is None or values[1] is None:
                self.bad_rows += 1
                continue
            values.append(self._messages_by_model(cells) if self._models else {})
            row = Row(*values)
            row.client = row.client or self._client
            yield row

    # The table ---------------------------------------------------------------------------------

    def _sound_lines(self, chunks: Iterable[bytes]) -> Iterator[str]:
        """No cell of a report goes over two lines: a quote left open spoils its own line alone."""
        for line, self._is_closed in _lines(chunks):
            self._line += 1
            if line.count('"') & 1:
                self._leave_out("has a quote that is not closed" + self._where_cut())
            else:
                yield line

    def _read_header(self) -> list[str]:
        try:
            names = next((cells for cells in self._table if cells), None)
        except csv.Error as error:
            raise NoReport("It is no table of comma-separated values.") from error
        if names is None:
            raise NoReport("The file is empty.")
        known = {_letters(name) for name in names}
        missing = [name for letters, name in _NEEDED.items() if letters not in known]
        if missing or not known & _COUNTS:
            what = " and ".join(missing) or "any count of credits or messages"
            raise NoReport(f"It is no activity report: it has no column for {what}.")
        return names

    def _rows(self) -> Iterator[list[str]]:
        while True:
            try:
                cells = next(self._table, None)
            except csv.Error:
                self._leave_out("is no row of a table")
                continue
            if cells is None:
                return
            if len(cells) != self._width and not self._fits(cells):
                continue
            cells.append("")
            yield cells

    def _fits(self, cells: list[str]) -> bool:
        """Brings the row to the header's width, unless it is blank or the file ends in it."""
        if not cells:
            return False
        if len(cells) < self._width and not self._is_closed:
            self._leave_out("is where the file was cut off")
            return False
        if len(cells) < self._width:
            self._note("", "", "has fewer cells than the header")
            cells += [""] * (self._width - len(cells))
        del cells[self._width :]
        return True

    # What is wrong -----------------------------------------------------------------------------

    def _what_makes_sense(self, cells: list[str]) -> list[Any]:
        return [
            self._cell(cells[place], place, convert, otherwise)
            for (convert, place), (_, _, otherwise) in zip(self._plan, _COLUMNS, strict=True)
        ]

    def _cell(self, text: str, place: int, convert: read.Convert, otherwise: Any) -> Any:
        try:
            return convert(text)
        except ValueError as error:
            self._note(self._names[place], text, str(error))
            return otherwise

    def _messages_by_model(self, cells: list[str]) -> dict[str, int]:
        found = {}
        for model, place in self._models:
            text = cells[place]
            if text and text != "0" and (messages := self._cell(text, place, read.count, 0)):
                found[model] = messages
        return found

    def _leave_out(self, reason: str) -> None:
        self.bad_rows += 1
        self._note("", "", reason)

    def _where_cut(self) -> str:
        return "" if self._is_closed else ": the file was cut off there"

    def _note(self, column: str, text: str, reason: str) -> None:
        if len(self.notes) < MOST_NOTES:
            self.notes.append(Note(self._line, _plain(column), _plain(text), reason))


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _models(names: list[str]) -> list[tuple[str, int]]:
    found = [(_MODEL.fullmatch(name.strip()), place) for place, name in enumerate(names)]
    return [
        (match[1][:LONGEST_NOTE], place)
        for match, place in found
        if match and _letters(match[0]) != "totalmessages"
    ]


def _plain(text: str) -> str:
    """Short, printable, and no formula to a spreadsheet."""
    printable = "".join(letter for letter in text if letter.isprintable()).strip()
    return defuse(printable)[:LONGEST_NOTE]
