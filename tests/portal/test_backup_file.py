"""The file of a backup: whatever is wrong with it is said, before anything is touched."""

import gzip
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from portal.backups import archive
from portal.backups.archive import Head, Table


@pytest.fixture
def path(tmp_path):
    return tmp_path / "portal.backup"


@pytest.fixture
def written(path):
    """Two rows of one table."""
    with path.open("wb") as to:
        writer = archive.Writer(to)
        writer.head(Head("1.0", "2026-01-01T00:00:00+00:00", [["portal", "0001_initial"]]))
        writer.table(Table("portal.user", ["id", "email"]))
        writer.row([1, "ada@example.com"])
        writer.row([2, "grace@example.com"])
        writer.end()
    return path


def change(path, how):
    text = gzip.decompress(path.read_bytes()).decode()
    path.write_bytes(gzip.compress(how(text).encode()))


def test_it_is_read_as_it_was_written(written):
    assert archive.check(written).migrations == [["portal", "0001_initial"]]
    assert list(archive.contents(written)) == [
        Table("portal.user", ["id", "email"]),
        [1, "ada@example.com"],
        [2, "grace@example.com"],
    ]


def test_moments_and_money_are_exact(path):
    moment = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
    with path.open("wb") as to:
        writer = archive.Writer(to)
        writer.head(Head("1.0", "", []))
        writer.row([moment, Decimal("0.1000000001")])
        writer.end()

    assert list(archive.contents(path)) == [[moment.isoformat(), "0.1000000001"]]


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda text: text.replace("ada", "eve"), "checksum differs"),
        (lambda text: text.replace("0001_initial", "0002_other"), "checksum differs"),
        (lambda text: text.replace('[2,"grace@example.com"]\n', ""), "checksum differs"),
        (lambda text: text[: text.rstrip().rindex("\n") + 1], "cut off"),
        (lambda text: text.replace("kiro-team-portal", "other"), "no backup of the portal"),
        (lambda text: text.replace('"format":1', '"format":2'), "has format 2"),
        (lambda text: "", "no backup of the portal"),
    ],
)
def test_damage_is_named(written, damage, sentence):
    change(written, damage)

    with pytest.raises(archive.Unreadable, match=sentence):
        archive.check(written)


def test_bytes_that_are_missing_at_the_end_are_noticed(written):
    written.write_bytes(written.read_bytes()[:-20])

    with pytest.raises(archive.Unreadable):
        archive.check(written)


def test_another_file_is_refused(path):
    path.write_text("Dear all")

    with pytest.raises(archive.Unreadable, match="cannot be read"):
        archive.check(path)


def test_bytes_that_changed_on_the_way_are_said_in_words(written):
    """A disk or a copy that turned bytes over: the unpacking itself fails then."""
    packed = bytearray(gzip.compress(gzip.decompress(written.read_bytes())))
    packed[10] = 0x07  # right after the head: a kind of block that there is not
    written.write_bytes(packed)

    with pytest.raises(archive.Unreadable, match=r"or is damaged\.$"):
        archive.check(written)


def test_a_file_that_is_not_there_is_said_in_words(path):
    with pytest.raises(archive.Unreadable, match=r"cannot be read: No such file or directory\.$"):
        archive.check(path)
