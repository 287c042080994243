"""One part of a run: started, watched, started again, stopped."""

import os
import signal
import time
from contextlib import suppress

from portal.supervisor import processes
from portal.supervisor.logs import Log
from portal.supervisor.processes import Order, Process

SHORT_LIFE = 10.0
PAUSES = (0.1, 0.1, 0.5, 1.0, 2.0, 5.0, 15.0)


class Child:
    """An order, and the process that carries it out at the moment. It gets `patience` s to end."""

    def __init__(self, name: str, order: Order, *, log: Log, patience: float = 1.0) -> None:
        self.name, self.order, self.log, self.patience = name, order, log, patience
        self._process: Process | None = None
        self._started_at = self._due_at = 0.0
        self._short_lives = 0

    def start(self) -> None:
        self._due_at, self._started_at = 0.0, time.monotonic()
        with self.log.opened() as output:
            self._process = processes.start(self.order, output)

    @property
    def status(self) -> int | None:
        """None while it runs; else its exit code, below nought for the signal that ended it."""
        return self._process.status() if self._process else 0

    def tend(self) -> str:
        """Start it again when it has ended, after a pause that grows; what to say about it."""
        if self.status is None:
            return ""
        if self._due_at:
            if time.monotonic() >= self._due_at:
                self.start()
            return ""
        pause = self._next_pause()
        self._due_at = time.monotonic() + pause
        when = f"in {pause:.0f} s" if pause >= 1 else "now"
        return f"{self.name} {self.how_it_ended()}; starting it again {when}."

    def _next_pause(self) -> float:
        lived = time.monotonic() - self._started_at
        self._short_lives = self._short_lives + 1 if lived < SHORT_LIFE else 0
        return PAUSES[min(self._short_lives, len(PAUSES) - 1)]

    def how_it_ended(self) -> str:
        status = self.status or 0
        if status >= 0:
            return f"stopped by itself (exit code {status})"
        return f"was killed ({signal.Signals(-status).name})"

    def stop(self, *, within: float) -> None:
        """Ask it to end, for as long as it may take; then end it."""
        if self._process is None or self.status is not None:
            return
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGTERM)
        self._process.wait(max(0.0, min(within, self.patience)))
        self.kill()

    def kill(self) -> None:
        """End it at once, with whatever it started."""
        if self._process is None or self.status is not None:
            return
        for end in (os.killpg, os.kill):  # the group is its own only a moment after its birth
            with suppress(ProcessLookupError):
                end(self._process.pid, signal.SIGKILL)
        self._process.wait(1)
