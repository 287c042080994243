"""A Cost Explorer of our own over HTTP, so that each request that leaves is counted where it is paid."""

import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from portal import aws
from tests.factories import make_founder, make_workspace


class CostExplorer(ThreadingHTTPServer):
    """Answers out of `lines`: (day, record type, usage type, amount, unit, estimated)."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lines, self.asked, self.faults = [], [], deque()
        self.page_size = 1000
        self.before_answer = lambda: None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def has(
        self,
        day,
        amount,
        *,
        record="FlatRateSubscription",
        usage="USE1-KiroEnterprise-ProPlus",
        unit="USD",
        estimated=False,
    ):
        self.lines.append((day, record, usage, amount, unit, estimated))

    def fails(self, code, *, status=400, times=1):
        self.faults.extend([(status, {"__type": code, "message": "no"})] * times)

    def answer(self, asked):
        period, offset = asked["TimePeriod"], int(asked.get("NextPageToken", 0))
        inside = [line for line in self.lines if period["Start"] <= line[0] < period["End"]]
        page = inside[offset : offset + self.page_size]
        body = {"ResultsByTime": [_day(line) for line in page]}
        if offset + self.page_size < len(inside):
            body["NextPageToken"] = str(offset + self.page_size)
        return body


def _day(line):
    day, record, usage, amount, unit, estimated = line
    metrics = {"UnblendedCost": {"Amount": amount, "Unit": unit}}
    return {
        "TimePeriod": {"Start": day, "End": day},
        "Groups": [{"Keys": [record, usage], "Metrics": metrics}],
        "Total": {},
        "Estimated": estimated,
    }


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        self.server.before_answer()
        faults = self.server.faults
        status, body = faults.popleft() if faults else (200, self.server.answer(asked))
        self.send_response(status)
        text = json.dumps(body).encode()
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


@pytest.fixture
def source(monkeypatch):
    """Cost Explorer as it answers over the network, empty at first."""
    server = CostExplorer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    aws.client.cache_clear()
    yield server
    aws.client.cache_clear()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def founder(db):
    make_workspace()
    return make_founder()


@pytest.fixture
def founders_browser(client, founder):
    client.force_login(founder)
    return client
