"""A real Valkey for one test session, in memory only."""

import os
import signal
import subprocess
import time
from functools import partial

from portal.supervisor import asking
from portal.supervisor.choices import free_port
from portal.supervisor.parts import queue_server
from portal.supervisor.processes import die_with_parent

DATABASES = 64
"""One for each xdist process."""


class Valkey:
    def __init__(self, folder):
        self.port = free_port()
        self._folder = folder

    def url(self, database):
        return f"redis://127.0.0.1:{self.port}/{database}"

    def start(self):
        options = {"bind": "127.0.0.1", "port": self.port, "save": "", "databases": DATABASES}
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        self._process = subprocess.Popen(
            [queue_server(), *words],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=partial(die_with_parent, os.getpid()),
        )
        while not asking.queue_answers(self.url(0)):
            if self._process.poll() is not None:
                raise RuntimeError("Valkey did not start")
            time.sleep(0.02)

    def stop(self):
        """At once; what it held is gone, and `start` brings it back empty at the same address."""
        self._process.kill()
        self._process.wait()

    def hang(self):
        """It takes connections and answers nobody, until `go_on`."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self._process.send_signal(signal.SIGCONT)
