"""One row a person, day and client, even where a file has two lines for them: their counts add up.

Lines that belong together may be far apart in a file of any length, so a bit for each key tells
which could have been there before, and only of those the database is asked.
"""

from collections.abc import Iterable

from billing.models import ReportFile, UsageDay
from billing.usage.rows import Key, Row

BITS = 1 << 24  # 2 MiB; of a million keys one in seventeen is asked about for nothing


class Sieve:
    """For one reading of one file, from its first line to its last."""

    def __init__(self) -> None:
        self._bits = bytearray(BITS // 8)

    def merged(self, rows: Iterable[Row], *, file: ReportFile) -> list[Row]:
        """The rows to write, with what is there of the same file already added."""
        by_key: dict[Key, Row] = {}
        for row in rows:
            if there := by_key.get(row.key):
                there.add(row)
            else:
                by_key[row.key] = row
        known = {key for key in by_key if self._may_have_come(key)}
        if known:
            _add_what_is_there(by_key, known, file)
        return list(by_key.values())

    def _may_have_come(self, key: Key) -> bool:
        place, bit = divmod(hash(key) % BITS, 8)
        is_set = bool(self._bits[place] & 1 << bit)
        self._bits[place] |= 1 << bit
        return is_set


def _add_what_is_there(by_key: dict[Key, Row], known: set[Key], file: ReportFile) -> None:
    people = {person for _, _, person in known}
    for there in UsageDay.objects.filter(file=file, directory_user_id__in=people):
        row = by_key.get((there.day, there.client, there.directory_user_id))
        if row is not None:
            row.add(there)
