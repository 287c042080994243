"""Nothing lost, nothing twice, nothing wrong: every fault at a small load, against the real parts.

One run of `python -m tests.faults --short` for all of them, begun with the session and with servers
of its own (`tests/support/beside.py`); `make faults` is the whole of it.
"""

import pytest

from tests.faults.table import FAULTS
from tests.support import beside

pytestmark = [pytest.mark.long, pytest.mark.timeout(beside.PATIENCE + 60)]


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_lost_nothing_twice_nothing_wrong(faults_run, name):
    said, figures = faults_run
    assert name in figures, said
    found = figures[name]
    if found["note"].startswith("NOT RUN"):
        pytest.skip(found["note"])

    assert found["injected"] > 0, said
    assert (found["lost"], found["twice"], found["wrong"]) == (0, 0, 0), said
