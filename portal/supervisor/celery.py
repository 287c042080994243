"""Worker and beat of a run: `python -m portal.supervisor.celery worker`, or `beat FILE`.

What `celery -A portal worker` and `beat` do, without Celery's command line: that brings an
interactive shell with it, megabytes that would stay in memory.
"""

import os
import socket
import sys

from portal.celery import app

THREADS = 12
"""20 requests a second that take 400 ms each keep eight busy, what lies between them the rest."""


def main(part: str, *arguments: str) -> int:
    level = os.environ.get("LOG_LEVEL") or "INFO"
    return _beat(*arguments, level=level) if part == "beat" else _worker(level=level)


def _worker(*, level: str) -> int:
    """Named after its process: two portals on one machine may share a broker."""
    worker = app.Worker(
        hostname=f"portal-{os.getpid()}@{socket.gethostname()}",
        loglevel=level,
        pool_cls="threads",
        concurrency=THREADS,
        without_gossip=True,
        without_mingle=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


def _beat(schedule: str, *, level: str) -> int:
    """Without a pid file: that outlives a kill, and the folder is locked anyway."""
    app.Beat(schedule=schedule, loglevel=level).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
