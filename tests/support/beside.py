"""The run of all faults goes on beside the other tests: begun first, since it waits a lot, and asked last."""

import json
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from portal.environment import BASE_DIR
from portal.supervisor.processes import die_with_parent

FILE = BASE_DIR / "tests" / "test_faults.py"
PATIENCE = 900
OURS = ("PORTAL_TEST_FOLDER", "PORTAL_TEST_REDIS", "PORTAL_TEST_DATABASE", "PYTEST_XDIST_WORKER")
"""What leads to the servers of this session: that run restarts and empties its own."""

_begun = []
"""The process, kept until the session ends."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """After -k and -m, and after what takes long is left out: only faults that are asked for."""
    asked = [item for item in items if item.path == FILE and not item.get_closest_marker("skip")]
    if asked:
        if not config.option.collectonly:
            _begin([item.callspec.params["name"] for item in asked])
        items.sort(key=lambda item: item.path == FILE)


def _begin(names):
    """Once a session, whichever of its processes comes first."""
    try:
        _folder().mkdir()
    except FileExistsError:
        return
    with (_folder() / "said").open("wb") as said:
        _begun.append(
            subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.faults",
                    "--short",
                    "--only",
                    ",".join(name.partition(",")[0] for name in names),
                    "--json",
                    _folder() / "figures.json",
                ],
                cwd=BASE_DIR,
                env={name: value for name, value in os.environ.items() if name not in OURS},
                stdout=said,
                stderr=said,
                preexec_fn=partial(die_with_parent, os.getpid()),
            )
        )


def pytest_sessionfinish(exitstatus):
    """Another process of the session may still wait for the figures, unless all was called off."""
    for process in _begun:
        if exitstatus in {pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR}:
            process.kill()
        process.wait()


def _folder():
    return Path(os.environ["PORTAL_TEST_FOLDER"]) / "faults"


@pytest.fixture(scope="session")
def faults_run():
    """What the run printed, and its figures by the fault's name."""
    figures, deadline = _folder() / "figures.json", time.monotonic() + PATIENCE
    while not figures.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    for process in _begun:
        process.wait(60)
    said = (_folder() / "said").read_text()
    return said, json.loads(figures.read_text()) if figures.exists() else {}
