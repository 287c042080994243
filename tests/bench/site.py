"""gunicorn as the portal runs it, asked over one kept connection, as a browser does."""

import http.client
import os
import subprocess
import sys
import time
from pathlib import Path

from django.db import connection

from portal.environment import BASE_DIR
from portal.supervisor import asking
from portal.supervisor.choices import free_port
from tests.bench import figures

BARE = "/bench/bare/"
STARTING = 60
OPTIONS = ("--worker-class", "gthread", "--threads", "8", "--preload", "--keep-alive", "5")


class Site:
    def __init__(self):
        self.port = free_port()
        command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{self.port}", *OPTIONS]
        environment = {**os.environ, "PORTAL_TEST_DATABASE": _address()}
        self._process = subprocess.Popen(
            [*command, "tests.bench.wsgi:application"],
            cwd=BASE_DIR,
            env=environment,
            stderr=subprocess.DEVNULL,
        )
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def __enter__(self):
        deadline = time.monotonic() + STARTING
        while asking.http_status(self.port, BARE) != 200:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("gunicorn did not start")
            time.sleep(0.1)
        return self

    def __exit__(self, *_error):
        self._connection.close()
        self._process.terminate()
        self._process.wait(10)

    def get(self, path, cookies=""):
        """Seconds until the last byte, and the answer's bytes as they came."""
        began = time.perf_counter()
        headers = {"Cookie": cookies, "Accept-Encoding": "gzip, br"}
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        body = answer.read()
        taken = time.perf_counter() - began
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        return taken, body

    def side_by_side(self, pages, rounds):
        """Bare view, page, bare view, next page …: times of the bare view, and {page: ratios}.

        `pages`: {name: (path, cookies)}.
        """
        bare, ratios = [], {name: [] for name in pages}
        for _ in range(2):
            for path, cookies in pages.values():  # the first view compiles templates
                self.get(path, cookies)
        for _ in range(rounds):
            for name, (path, cookies) in pages.items():
                beside = self.get(BARE, cookies)[0]
                ratios[name].append((self.get(path, cookies)[0], beside))
                bare.append(beside)
        return bare, _against(ratios)

    def memory(self):
        """MiB of the process that serves, PSS."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return sum(pss(int(pid)) for pid in children.read_text().split())


def _against(pairs):
    """Each time against the bare view's around it: one of them alone is too short to lean on."""
    found = {}
    for name, timed in pairs.items():
        beside = [each for _, each in timed]
        windows = [beside[max(0, at - 3) : at + 4] for at in range(len(beside))]
        found[name] = [
            taken / sorted(window)[len(window) // 2]
            for (taken, _), window in zip(timed, windows, strict=True)
        ]
    return found


def _address():
    """That of the database the measurements fill, for gunicorn."""
    head, _, options = os.environ["DATABASE_URL"].partition("?")
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return ""
    return f"{head.rpartition('/')[0]}/{name}" + (f"?{options}" if options else "")


def pss(pid):
    """MiB of one process, what it shares with others counted in part."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def steadiness(bare):
    """The bare view itself: how long, and whether it kept still."""
    milliseconds = figures.spread([1000 * each for each in bare])
    return [
        figures.Figure("the bare view", unit=" ms", **milliseconds),
        figures.Figure("it wanders by", round(figures.wander(bare), 2), most=figures.MOST_WANDER),
    ]
