"""The ground a run stands on: its folder, held by one run at a time, and its port."""

import errno
import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from portal.environment import RUN_LOCK
from portal.supervisor.refusal import Refusal

T = TypeVar("T")

TRIES, PAUSE = 10, 0.1
"""A run that was killed a moment ago takes its processes down, but not within the same instant."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make the folder and hold it. Raises: Refusal when another run does."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "logs").mkdir(mode=0o700, exist_ok=True)
        lock = (folder / RUN_LOCK).open("w")
    except OSError as error:
        raise Refusal(f"DATA_DIR {folder} cannot be written to: {error.strerror}.") from error
    os.register_at_fork(after_in_child=lock.close)  # a child that lingers must not hold it
    with lock:
        if not _patiently(lambda: _locked(lock.fileno())):
            raise Refusal(
                f"The portal already runs on {folder}. Stop that one, or set DATA_DIR and PORT."
            )
        yield


def listening(port: int) -> socket.socket:
    """The socket that gunicorn inherits, so that no request is refused while it restarts.

    Raises: Refusal when the port is taken.
    """
    try:
        found = _patiently(lambda: _bound(port))
    except OSError as error:
        raise Refusal(f"Port {port} cannot be used: {error.strerror}.") from error
    if found is None:
        raise Refusal(
            f"Port {port} is taken by another program. Stop it, or choose another port: "
            f"PORT={_another(port)} make run"
        )
    return found


def _patiently(attempt: Callable[[], T | None]) -> T | None:
    for _ in range(TRIES):
        if result := attempt():
            return result
        time.sleep(PAUSE)
    return attempt()


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _bound(port: int) -> socket.socket | None:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            return None
        raise
    return listener


def _another(port: int) -> int:
    return port + 1 if port < 65535 else 8000
