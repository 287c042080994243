"""Faults side by side: each lane is a process with a database, a queue and an AWS of its own."""

import json
import os
import subprocess
import sys
from queue import Empty, SimpleQueue
from threading import Thread

from portal.environment import BASE_DIR
from tests.faults.outcome import Outcome

OURS = "PORTAL_TEST_"
"""What tells a process of the servers of this one."""

LANE = (sys.executable, "-m", "tests.faults", "--lane")


def carried_out(names, *, seed, count):
    """Each name with what came of it and the seconds that took, in the order of their ends."""
    waiting, done = iter(names), SimpleQueue()
    threads = [
        Thread(target=_follow, args=[waiting, done, seed], daemon=True) for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) or not done.empty():
        yield from _next_of(done)


def _next_of(done):
    """The next that has ended, if one does soon."""
    try:
        yield done.get(timeout=1)
    except Empty:
        return


def _follow(waiting, done, seed):
    """Whichever lane is free takes the next."""
    with subprocess.Popen(
        [*LANE, "--seed", str(seed)],
        cwd=BASE_DIR,
        env={name: os.environ[name] for name in os.environ if not name.startswith(OURS)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as lane:
        for name in waiting:
            lane.stdin.write(f"{name}\n")
            lane.stdin.flush()
            outcome, seconds = json.loads(lane.stdout.readline())
            done.put((name, Outcome(**outcome), seconds))
