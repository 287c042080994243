"""The table of `make mutants` stays true: each guard stands where it says, once."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.mutants import mutant
from tests.mutants.mutant import OutOfDate
from tests.mutants.table import MUTANTS

TREE = Path(__file__).resolve().parent.parent


def why(guard):
    try:
        mutant.check(TREE, guard)
    except OutOfDate as reason:
        return str(reason)


def test_each_guard_stands_where_the_table_says_once():
    out_of_date = [reason for guard in MUTANTS if (reason := why(guard))]

    assert out_of_date == []


def test_no_two_have_one_name():
    assert len({each.guard for each in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize(
    "change",
    [
        {"old": "nobody wrote this"},
        {"old": "import"},
        {"file": "portal/nothing.py"},
        {"new": MUTANTS[0].old},
        {"tests": ("tests/test_mutants.py::test_that_is_not_there",)},
        {"tests": ("tests/nothing.py",)},
    ],
)
def test_a_table_out_of_date_is_loud(change):
    with pytest.raises(OutOfDate):
        mutant.check(TREE, replace(MUTANTS[0], **change))


def test_a_guard_is_back_after_its_turn(tmp_path):
    guard = replace(MUTANTS[0], file="guard.py", old="if bad:", new="if False:")
    (tmp_path / "guard.py").write_text("if bad:\n    stop()\n")

    with mutant.taken_away(tmp_path, guard):
        without = (tmp_path / "guard.py").read_text()

    assert without == "if False:\n    stop()\n"
    assert (tmp_path / "guard.py").read_text() == "if bad:\n    stop()\n"
