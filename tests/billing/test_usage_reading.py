"""Files of the activity report of every vintage, as rows."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.usage import cells
from billing.usage.reading import NoReport, Report

HEADER = (
    "Date,UserId,Client_Type,Chat_Conversations,Credits_Used,Overage_Cap,Overage_Credits_Used,"
    "Overage_Enabled,ProfileId,Subscription_Tier,Total_Messages"
)
ROW = "2026-11-20,9067c1a2b3-01,KIRO_IDE,3,12.5,5000,0.25,true,arn:p,PRO_PLUS,42"


def read(text, *, size=None):
    data = text if isinstance(text, bytes) else text.encode()
    size = size or len(data) or 1
    report = Report([data[at : at + size] for at in range(0, len(data), size)], client="PLUGIN")
    return list(report), report


def only(text):
    rows, report = read(text)
    assert len(rows) == 1, report.notes
    return rows[0]


def test_a_row_is_read_whole():
    row = only(f"{HEADER}\n{ROW}\n")

    assert (row.day, row.directory_user_id, row.client) == (
        date(2026, 11, 20),
        "9067c1a2b3-01",
        "KIRO_IDE",
    )
    assert (row.conversations, row.messages) == (3, 42)
    assert (row.credits_used, row.overage_credits_used) == (Decimal("12.5"), Decimal("0.25"))
    assert (row.overage_cap, row.overage_enabled, row.new_user) == (5000, True, None)
    assert (row.tier, row.tier_text, row.profile_id) == ("proplus", "PRO_PLUS", "arn:p")
    assert row.model_messages == {}


def test_columns_are_found_by_name_wherever_they_stand():
    names, values = HEADER.split(","), ROW.split(",")
    turned = f"{','.join(reversed(names))}\n{','.join(reversed(values))}\n"

    assert only(turned) == only(f"{HEADER}\n{ROW}\n")


def test_what_most_columns_say_may_be_missing():
    row = only("UserId,Date,Total_Messages\n9067c1a2b3-01,2026-11-20,7\n")

    assert (row.messages, row.credits_used, row.overage_cap, row.tier) == (7, 0, None, "")
    assert row.client == "PLUGIN"


def test_twenty_models_are_kept_and_unknown_columns_are_not():
    models = {f"model_{number}": number for number in range(20)}
    header = f"{HEADER},Whatever,{','.join(f'{name}_messages' for name in models)}"

    row = only(f"{header}\n{ROW},x,{','.join(map(str, models.values()))}\n")

    assert row.model_messages == {name: number for name, number in models.items() if number}
    assert row.messages == 42


@pytest.mark.parametrize(
    "text",
    [
        "9067c1a2b3-01",
        "d-9067c1a2b3.9067c1a2b3-01",
        '"9067c1a2b3-01"',
        '"d-9067c1a2b3.9067c1a2b3-01"',
        '"""9067c1a2b3-01"""',
        "'9067c1a2b3-01'",
    ],
)
def test_every_form_of_an_id_is_one_person(text):
    row = only(f"Date,UserId,Total_Messages\n2026-11-20,{text},1\n")

    assert row.directory_user_id == "9067c1a2b3-01"


@pytest.mark.parametrize(
    "text", ["PRO_PLUS", "ProPlus", "KiroEnterprise-ProPlus", "pro-plus", "Pro+", "KIRO_PRO_PLUS"]
)
def test_every_spelling_of_a_tier_is_one(text):
    assert cells.tier(text) == "proplus"


@pytest.mark.parametrize(
    "text", ["2026-11-20", "2026-11-20T02:00:00Z", "2026/11/20", "11-20-2026", "11/20/2026"]
)
def test_every_form_of_a_date_is_one_day(text):
    assert cells.day(text) == date(2026, 11, 20)


@pytest.mark.parametrize("text", ["", " ", "nan", "NaN", "inf", "-inf", "Infinity", "null", "None"])
def test_what_is_no_number_by_its_own_account_is_nothing(text):
    rows, report = read(f"Date,UserId,Credits_Used,Overage_Cap\n2026-11-20,u,{text},{text}\n")

    assert (rows[0].credits_used, rows[0].overage_cap) == (0, None)
    assert report.notes == []


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("Credits_Used", "many", "is no number"),
        ("Credits_Used", "-1", "is less than nothing"),
        ("Credits_Used", "1e30", "is too large"),
        ("Total_Messages", "1.5", "is no whole number"),
        ("Total_Messages", "99999999999", "is too large"),
        ("New_User", "perhaps", "is neither true nor false"),
        ("auto_messages", "=SUM(A1)", "is no number"),
    ],
)
def test_a_bad_cell_is_noted_and_the_rest_of_its_row_counts(column, text, reason):
    rows, report = read(
        f"Date,UserId,Chat_Conversations,{column}\n2026-11-20,u,5,{text}\n2026-11-21,u,6,1\n"
    )

    assert [row.conversations for row in rows] == [5, 6]
    (note,) = report.notes
    assert (note.row, note.column, note.reason) == (2, column, reason)
    assert note.text.lstrip("'") == text
    assert not note.text.startswith("=")


@pytest.mark.parametrize("line", [",u,1", "2026-13-01,u,1", "2026-11-31,u,1", "2026-11-20,,1"])
def test_a_line_without_a_day_or_a_person_is_left_out(line):
    rows, report = read(f"Date,UserId,Total_Messages\n{line}\n2026-11-20,u,2\n")

    assert [row.messages for row in rows] == [2]
    assert (report.bad_rows, report.notes[0].row) == (1, 2)


@pytest.mark.parametrize("line", ['2026-11-20,"u,1', '"2026-11-20,u,1', "\r\r,\r"])
def test_a_broken_line_spoils_itself_alone(line):
    rows, report = read(f"Date,UserId,Total_Messages\n{line}\n2026-11-20,u,2\n")

    assert [row.messages for row in rows] == [2]
    assert report.bad_rows == 1


def test_a_file_cut_in_the_middle_keeps_what_is_whole():
    whole = f"{HEADER}\n{ROW}\n{ROW.replace('-01', '-02')}\n"

    rows, report = read(whole[:-40])

    assert [row.directory_user_id for row in rows] == ["9067c1a2b3-01"]
    assert (report.bad_rows, report.notes[0].row) == (1, 3)
    assert "cut off" in report.notes[0].reason


def test_the_last_line_needs_no_line_break():
    rows, report = read(f"{HEADER}\n{ROW}")

    assert (len(rows), report.notes) == (1, [])


def test_byte_order_mark_quotes_and_windows_line_ends():
    quoted = "\r\n".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) for line in (HEADER, ROW, "")
    )

    assert only(quoted.encode("utf-8-sig")) == only(f"{HEADER}\n{ROW}\n")


def test_bytes_that_are_no_text_and_nul_are_survived():
    rows, _ = read(b"Date,UserId,Total_Messages\n2026-11-20,u\x00\xff,1\n")

    assert rows[0].directory_user_id == "u\ufffd"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"{}", "Date and UserId"),
        (b"Date,Total_Messages\n", "UserId"),
        (b"Date,UserId\n", "credits or messages"),
        (bytes(range(256)) * 4000, "no column"),
    ],
)
def test_what_is_no_report_is_refused_with_its_reason(data, reason):
    with pytest.raises(NoReport, match=reason):
        read(data)


def test_notes_are_limited_and_bad_rows_are_not():
    rows, report = read("Date,UserId,Total_Messages\n" + "x,u,1\n" * 500)

    assert (rows, report.bad_rows, len(report.notes)) == ([], 500, 200)


CELL = st.text(
    st.characters(blacklist_characters="\r\n\x00", blacklist_categories=["Cs"]), max_size=12
)


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(st.tuples(CELL, CELL, CELL, CELL), max_size=12), st.integers(1, 40))
def test_nothing_stops_a_file_and_its_pieces_make_no_difference(lines, size):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["Date", "UserId", "Credits_Used", "x_messages"])
    writer.writerows(lines)
    writer.writerow(["2026-11-20", "u", "1.5", "2"])

    rows, report = read(text.getvalue(), size=size)
    whole, _ = read(text.getvalue())

    assert rows == whole
    assert rows[-1].credits_used == Decimal("1.5")
    assert len(rows) + report.bad_rows <= len(lines) + 1
