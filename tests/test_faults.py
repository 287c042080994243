"""Nothing lost, nothing twice, nothing wrong: faults at a small load, against the real parts.

One run of `python -m tests.faults --short` for those that are chosen, begun with the session and
with servers of its own (`tests/support/beside.py`); `make faults` is the whole of it.
"""

import pytest

from tests.faults.table import FAULTS
from tests.support import beside

pytestmark = pytest.mark.timeout(beside.PATIENCE + 60)


EACH_TIME = {
    "kill -9 at each crash point",
    "double click, two founders, one file",
    "Redis killed without persistence",
    "refresh ×20, two beats, ten workers",
}
"""A worker, a founder, the queue, and what costs money; the others wait for `--long`."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in EACH_TIME else pytest.mark.long) for name in FAULTS],
)
def test_nothing_is_lost_nothing_twice_nothing_wrong(faults_run, name):
    said, figures = faults_run
    assert name in figures, said
    found = figures[name]
    if found["note"].startswith("NOT RUN"):
        pytest.skip(found["note"])

    assert found["injected"] > 0, said
    assert (found["lost"], found["twice"], found["wrong"]) == (0, 0, 0), said
