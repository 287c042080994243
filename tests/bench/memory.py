"""`manage.py run`, left alone: the memory of all its processes (PSS), the embedded AWS aside."""

import signal
import tempfile
import time
from pathlib import Path

from tests.bench import figures, site
from tests.bench.figures import Figure
from tests.support.running import Running

IDLE = 45
"""Seconds until the first sweep, heartbeat and look at the pages are behind it."""
MOST = 200


def measure():
    with tempfile.TemporaryDirectory() as folder:
        running = Running(Path(folder) / "var")
        try:
            figures.say("starting it on an empty folder, its sample company included")
            running.wait()
            figures.say(f"leaving it alone for {IDLE} s")
            time.sleep(IDLE)
            found = dict(sorted(_parts(running.process.pid)))
        finally:
            running.stop(signal.SIGINT)
    total = round(sum(size for name, size in found.items() if not name.startswith("aws")))
    note = ", ".join(f"{name} {size:.0f}" for name, size in found.items())
    return [Figure("all processes but the embedded AWS", total, " MiB", most=MOST, note=note)]


def _parts(pid):
    """(name and pid, MiB) of the process and all below it."""
    for each in (pid, *_below(pid)):
        yield f"{_name(each)} {each}", site.pss(each)


def _below(pid):
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            yield child
            yield from _below(child)


def _name(pid):
    command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
    if "portal.sandbox" in command:
        return "aws"
    return next((word for word in ("web", "worker", "beat", "valkey") if word in command), "run")
