"""A file or a paste as cells, whichever program wrote it. Knows nothing of people or plans."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from onboarding.importing import address_lists

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 20_000
MOST_HEADLINES = 10
"""Lines above the header that are a title, not people."""

# One cell may be as long as the file; the default of 128 kB would be an error in mid-file.
csv.field_size_limit(MOST_BYTES)
_BLANK = "\0 \t\r\n\xa0"


class Unreadable(Exception):
    """Nothing can be taken from this file; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of cells, and the line of the file that it begins on."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    records: list[Record]
    read_as: str


def read(data: bytes | str) -> Sheet:
    """The rows that hold anything. Raises: Unreadable."""
    if isinstance(data, str):
        text, encoding = data.lstrip("\ufeff"), ""
    else:
        _refuse_other_files(data)
        text, encoding = _decode(data)
    records, words = _split(text)
    if not any(cell.strip(_BLANK + ",;|") for record in records for cell in record.cells):
        raise Unreadable("There is nothing in it. Put one person on each line.")
    return Sheet(records, ", ".join(filter(None, [encoding, words])))


# What is no text at all ------------------------------------------------------------------------

_AS_CSV = "Open it and save it as CSV (in Excel: File, Save as, CSV UTF-8), or copy and paste."
_OTHERS: list[tuple[bytes, str]] = [
    (b"PK\x03\x04", "an Excel workbook or another zipped file"),
    (b"PK\x05\x06", "an empty zip file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf", "a 7-Zip file"),
    (b"Rar!", "a RAR file"),
    (b"BZh", "a bzip2 file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3", "a database"),
    (b"{\\rtf", "a Word text (RTF)"),
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML file"),
    (b"<table", "a web page"),
    (b"begin:vcard", "an address card (vCard)"),
]


def _refuse_other_files(data: bytes) -> None:
    """Whatever the name says. Raises: Unreadable."""
    start = data[:2048].removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n")
    for magic, what in _OTHERS:
        if start.startswith(magic) or start[: len(magic)].lower() == magic:
            raise Unreadable(f"This is {what}, not CSV. {_AS_CSV}")


# Bytes to text ---------------------------------------------------------------------------------

_BOMS = [  # UTF-32 first: its mark begins like that of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
]


def _decode(data: bytes) -> tuple[str, str]:
    """The text, and the encoding in words."""
    for mark, codec, words in _BOMS:
        if data.startswith(mark):
            return data.decode(codec, "replace"), words
    if codec := _utf16_without_mark(data):
        return data.decode(codec, "replace"), "UTF-16"
    try:
        return data.decode(), "UTF-8"
    except UnicodeDecodeError:
        return _decode_older(data)


def _utf16_without_mark(data: bytes) -> str:
    """Western text in UTF-16 has a zero in every other byte, and hardly any in the rest."""
    sample = data[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    enough = len(sample) * 0.3
    if max(even, odd) < enough or min(even, odd) > enough / 10:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _decode_older(data: bytes) -> tuple[str, str]:
    """UTF-8 with a few broken letters, else what Excel writes on Windows or did on old Macs."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(letter > "\x7f" for letter in text) - broken
    if whole > broken:
        return text, "damaged UTF-8"
    if b"\n" not in data and b"\r" in data:
        return data.decode("mac_roman"), "Mac Roman"
    western = data.decode("cp1252", "replace")
    japanese = data.decode("cp932", "replace") if "\ufffd" in western else ""
    if _JAPANESE.search(japanese) and "\ufffd" not in japanese:
        return japanese, "Shift JIS"
    return western, "Windows-1252"


# One sign alone may be a Western accent and the letter after it, read wrongly.
_JAPANESE = re.compile("[\u3041-\u30fe]|[\u4e00-\u9fff]{2}")


# Text to cells ---------------------------------------------------------------------------------

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SEP_LINE = re.compile(r'"?sep=(.)"?[ \t]*(\r\n|\r|\n|$)', re.IGNORECASE)
_SAMPLE = 50


def _split(text: str) -> tuple[list[Record], str]:
    said = _SEP_LINE.match(text)
    first = 2 if said else 1
    body = text[said.end() :] if said else text
    if not said and address_lists.is_one(body):
        pieces = address_lists.pieces(_lines(body))
        return [Record(line, [piece]) for line, piece in pieces], "addresses as in a mail"
    separator = said[1] if said else _likely_separator(body)
    words = _SEPARATORS.get(separator, f"“{separator}”")
    records = _no_more_than_allowed(_records(body, separator, first))
    if any(_has_swallowed_lines(record, separator) for record in records):
        return _no_more_than_allowed(_by_line(body, separator, first)), f"{words}, line by line"
    return records, words


def _no_more_than_allowed(records: Iterator[Record]) -> list[Record]:
    """Raises: Unreadable, without reading on."""
    found: list[Record] = []
    for record in records:
        found.append(record)
        if len(found) > MOST_ROWS + 1 + MOST_HEADLINES:
            raise too_many()
    return found


def too_many() -> Unreadable:
    return Unreadable(
        f"There are more than {MOST_ROWS:,} rows. Split the list and import it in parts."
    )


def _lines(text: str) -> io.StringIO:
    """Lines with their ends as they are: LF, CR LF, or CR alone."""
    return io.StringIO(text, newline="")


def _records(text: str, separator: str, first: int) -> Iterator[Record]:
    reader = csv.reader(_lines(text), delimiter=separator, skipinitialspace=separator != "\t")
    line = first
    for cells in reader:
        if any(cells) and any(cell.strip(_BLANK) for cell in cells):
            yield Record(line, cells)
        line = first + reader.line_num


def _has_swallowed_lines(record: Record, separator: str) -> bool:
    """A quotation mark that is never closed makes one cell of all lines that follow."""
    for cell in record.cells:
        if "\n" in cell or "\r" in cell:
            _, _, rest = cell.replace("\r", "\n").partition("\n")
            if separator in rest and "@" in rest:
                return True
    return False


def _by_line(text: str, separator: str, first: int) -> Iterator[Record]:
    """Each line by itself, so that no quotation mark reaches further."""
    for line, words in enumerate(_lines(text), start=first):
        cells = _cells_of(words.rstrip("\r\n"), separator)
        if any(cell.strip(_BLANK) for cell in cells):
            yield Record(line, cells)


def _cells_of(line: str, separator: str) -> list[str]:
    if line.count('"') % 2:
        return [cell.strip().strip('"') for cell in line.split(separator)]
    return next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])


def _likely_separator(text: str) -> str:
    """The one that leaves most addresses alone in their cells, then the one that splits most."""
    sample = "".join(line for _, line in zip(range(_SAMPLE), _lines(text[:200_000]), strict=False))

    def score(separator: str) -> tuple[int, int]:
        records = list(_records(sample, separator, 1))
        cells = [cell.strip() for record in records for cell in record.cells]
        alone = sum(address_lists.ADDRESS.fullmatch(cell) is not None for cell in cells)
        return alone, sum(len(record.cells) > 1 for record in records)

    return max(_SEPARATORS, key=score)
