"""`manage.py run` as tests start it: on a folder and a port of its own."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from portal.environment import BASE_DIR
from portal.supervisor import asking
from portal.supervisor.choices import free_port
from tests.support import surroundings

STARTING = 240
asking.PATIENCE = 30  # a machine of CI may stand still


class Running:
    def __init__(self, folder, *, port=0, said_in="said.out", **environment):
        self.folder, self.port = folder, port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._output = folder.with_name(said_in)
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run"],
                cwd=BASE_DIR,
                env=self._environment(environment),
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def _environment(self, more):
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in surroundings.OURS and not name.startswith("AWS_")
        }
        own = {"DATA_DIR": str(self.folder), "PORT": str(self.port), "PORTAL_DOT_ENV": os.devnull}
        return {**kept, **own, **more}

    @property
    def said(self):
        return self._output.read_text()

    def wait(self):
        """Until it says that it is up."""
        self.until(lambda: "Ctrl-C stops everything" in self.said)
        return self

    def until(self, happened, *, seconds=STARTING):
        deadline = time.monotonic() + seconds
        while not happened():
            assert self.process.poll() is None, f"it ended: {self.said}"
            assert time.monotonic() < deadline, f"waited too long: {self.said}"
            time.sleep(0.05)

    def status(self, path="/healthz"):
        return asking.http_status(self.port, path)

    def stop(self, number=signal.SIGINT):
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(90)

    def wait_until_gone(self, *, seconds=90):
        """After a kill: until none of its parts lives, or for so long."""
        deadline = time.monotonic() + seconds
        while self.pids() and time.monotonic() < deadline:
            time.sleep(0.05)

    def pids(self):
        """Everything it has started that lives, by this run's folder: children's children too."""
        return {pid for pid in _all_pids() if _belongs(pid, self.folder) and pid != os.getpid()}

    def pid_of(self, *words):
        found = [pid for pid in self.pids() if all(word in _command(pid) for word in words)]
        return min(found, default=0)


def _all_pids():
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _belongs(pid, folder):
    """By its open log or queue: neither the environment nor the title need still tell."""
    return any(path.is_relative_to(folder) for path in _opened(pid))


def _opened(pid):
    """Nothing once it has ended; a file that is closed meanwhile is left out."""
    with suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                yield link.readlink()


def _command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
