"""CSV for others to open: streamed, in UTF-8, and harmless in a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.http import StreamingHttpResponse

_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")  # spreadsheets take the wide ones too


def defuse(text: str) -> str:
    """Put an apostrophe before what a spreadsheet might run as a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def csv_response(
    filename: str, *, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """One line a row, written while it is read. Text is defused, numbers stay numbers."""
    return StreamingHttpResponse(
        _lines(header, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


class _Echo:
    """A file that hands each written line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([_cell(value) for value in row])


def _cell(value: object) -> str:
    if isinstance(value, str):
        return defuse(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return _plain(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _plain(amount: Decimal) -> str:
    """All digits that matter, two of them cents, no exponent."""
    whole, _, digits = f"{amount:f}".partition(".")
    return f"{whole}.{digits.rstrip('0').ljust(2, '0')}"
