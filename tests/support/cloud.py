"""The embedded AWS as tests use it: a process of its own, real HTTP."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from functools import partial

import boto3

from portal.environment import BASE_DIR
from portal.supervisor import asking
from portal.supervisor.choices import free_port
from portal.supervisor.processes import die_with_parent

STARTING = 240


class Cloud:
    """`client(service)` asks it directly; `fault`, `forget` and `ledger` are its control."""

    def __init__(self, folder, *arguments):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._clients = {}
        self._log = (folder / "aws.log").open("wb")
        where = ["--port", str(self.port), "--state", str(folder / "aws")]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "portal.sandbox", *where, *arguments],
            cwd=BASE_DIR,
            stdout=self._log,
            stderr=self._log,
            preexec_fn=partial(die_with_parent, os.getpid()),
        )

    def wait(self):
        deadline = time.monotonic() + STARTING
        while asking.http_status(self.port, "/_sandbox/health") != 200:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the embedded AWS did not start")
            time.sleep(0.05)

    def stop(self):
        self._process.kill()
        self._process.wait()
        self._log.close()

    def client(self, service):
        if service not in self._clients:
            session = boto3.session.Session("testing", "testing", region_name="us-east-1")
            self._clients[service] = session.client(service, endpoint_url=self.url)
        return self._clients[service]

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def fault(self, **fault):
        """Switch trouble on: `kind`, and which calls it meets (see portal/sandbox/faults.py)."""
        return self.control("POST", "faults", fault)

    def ledger(self, **query):
        """What it was asked since the last `forget`."""
        words = "&".join(f"{name}={value}" for name, value in query.items())
        return self.control("GET", f"ledger?{words}")

    def forget(self):
        self.control("DELETE", "ledger")

    def calm(self):
        """No trouble and no limit."""
        self.control("DELETE", "faults")
        self.control("POST", "limits", {"rate": 0, "burst": 20, "latency_ms": 0})

    def settle(self):
        """Calm, and nothing remembered of earlier tests' requests."""
        self.calm()
        self.control("POST", "identity-center", {"instance": True, "permission_sets": True})
        self.forget()
