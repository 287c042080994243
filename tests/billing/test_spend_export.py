"""The export: the lines as AWS gave them, harmless in a spreadsheet."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from portal.exports import csv_response, defuse
from tests.billing.factories import make_bill, make_line


def rows_of(response):
    return list(csv.reader(io.StringIO(response.getvalue().decode())))


@pytest.mark.django_db
def test_the_columns_are_the_promised_ones(founders_browser):
    make_line("40", estimated=True)

    assert rows_of(founders_browser.get("/spend/export.csv")) == [
        ["date", "record_type", "usage_type", "amount", "currency", "estimated"],
        [
            "2026-11-01",
            "FlatRateSubscription",
            "USE1-KiroEnterprise-ProPlus",
            "40.00",
            "USD",
            "true",
        ],
    ]


@pytest.mark.django_db
def test_the_amounts_add_up_to_the_cent(founders_browser):
    make_bill()
    make_line("0.0000000001", day=date(2026, 11, 2))

    rows = rows_of(founders_browser.get("/spend/export.csv"))[1:]

    assert sum(Decimal(row[3]) for row in rows) == Decimal("1.3000000001")


@pytest.mark.django_db
def test_it_has_the_days_of_the_period_alone(founders_browser):
    for day in (1, 2, 3):
        make_line(day=date(2026, 11, day))

    rows = rows_of(founders_browser.get("/spend/export.csv?from=2026-11-02&to=2026-11-02"))

    assert [row[0] for row in rows[1:]] == ["2026-11-02"]


@pytest.mark.django_db
def test_credits_stay_numbers(founders_browser):
    make_line("-45", record="Credit")

    assert rows_of(founders_browser.get("/spend/export.csv"))[1][3] == "-45.00"


@pytest.mark.django_db
def test_formulas_are_defused(founders_browser):
    make_line(record="=cmd|' /C calc'!A0", usage="@SUM(1)")

    row = rows_of(founders_browser.get("/spend/export.csv"))[1]

    assert row[1:3] == ["'=cmd|' /C calc'!A0", "'@SUM(1)"]


@pytest.mark.django_db
def test_bad_dates_get_a_sentence(founders_browser):
    answer = founders_browser.get("/spend/export.csv?from=x")

    assert answer.status_code == 400
    assert "A day is written like" in answer.text


@pytest.mark.django_db
@pytest.mark.parametrize("lines", [1, 30])
def test_it_costs_the_same_queries_whatever_there_is(
    founders_browser, lines, django_assert_num_queries
):
    for day in range(1, lines + 1):
        make_line(day=date(2026, 11, day))

    with django_assert_num_queries(3):
        assert len(rows_of(founders_browser.get("/spend/export.csv?period=all"))) == lines + 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠"])
def test_whatever_may_start_a_formula_gets_an_apostrophe(start):
    assert defuse(f"{start}1+1") == f"'{start}1+1"


def test_other_text_is_left_alone():
    assert defuse("Zoë = 1") == "Zoë = 1"


def test_it_is_a_file_in_utf_8():
    response = csv_response("team.csv", header=["name"], rows=[["Zoë"], [None], [False]])

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="team.csv"'
    assert response.getvalue().decode() == 'name\r\nZoë\r\n""\r\nfalse\r\n'
