"""Waiting for time to pass, a child to end, or somebody to say stop, whichever comes first."""

import os
import select
import signal
from types import FrameType

STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Somebody pressed Ctrl-C, or the machine shuts down."""


class Signals:
    def __init__(self) -> None:
        self.stops = 0
        self._reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in (*STOP, signal.SIGCHLD):
            signal.signal(number, self._note)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if number in STOP:
            self.stops += 1

    def wait(self, seconds: float) -> None:
        """Raises: Stopped."""
        ready, _, _ = select.select([self._reader], [], [], seconds)
        if ready:
            os.read(self._reader, 1024)
        self.check()

    def check(self) -> None:
        if self.stops:
            raise Stopped


def give_back_signals() -> None:
    """In a forked process: signals are its own affair again."""
    signal.set_wakeup_fd(-1)
    for number in STOP:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
