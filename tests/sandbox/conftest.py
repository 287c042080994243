"""The embedded AWS as a process of its own, as everything else meets it: real HTTP, real boto3."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

SESSION = boto3.session.Session("test", "test")  # one for all: it keeps the models it has read
ROOT = Path(__file__).resolve().parents[2]

# What any service may answer beside its modelled errors; Cost Explorer's validation errors are not
# modelled.
COMMON_ERRORS = {
    "ValidationException",
    "AccessDeniedException",
    "ThrottlingException",
    "UnknownOperationException",
}


def check_contract(response_dict: Any, operation_model: Any, **_: Any) -> None:
    """Every JSON answer in every test is held against botocore's model, before botocore drops what
    it does not know.
    """
    if operation_model.metadata["protocol"] != "json":
        return
    body = json.loads(response_dict["body"] or b"{}")
    assert response_dict["headers"]["x-amzn-RequestId"]
    if response_dict["status_code"] < 300:
        if operation_model.output_shape is not None:
            check_shape(operation_model.output_shape, body, operation_model.name)
        return
    known = {shape.name for shape in operation_model.error_shapes} | COMMON_ERRORS
    assert body["__type"] in known or response_dict["status_code"] >= 500


def check_shape(shape: Any, value: Any, path: str) -> None:
    if shape.type_name == "structure":
        assert not set(value) - set(shape.members), f"{path} has members that the model has not"
        assert not set(shape.required_members) - set(value), f"{path} lacks required members"
    children = {
        "structure": lambda: [(shape.members[name], item) for name, item in value.items()],
        "list": lambda: [(shape.member, item) for item in value],
        "map": lambda: [(shape.value, item) for item in value.values()],
    }
    if shape.type_name not in children:
        check_scalar(shape, value, path)
        return
    for member, item in children[shape.type_name]():
        check_shape(member, item, f"{path}.{member.name}")


def check_scalar(shape: Any, value: Any, path: str) -> None:
    kinds = {"string": str, "boolean": bool, "integer": int, "long": int, "timestamp": (int, float)}
    assert isinstance(value, kinds[shape.type_name]), f"{path} is a {type(value).__name__}"
    if shape.type_name == "string":
        assert not shape.enum or value in shape.enum, f"{path} is {value}"
        pattern = shape.metadata.get("pattern", "")
        if (
            "\\p{" not in pattern and shape.name != "CurrencyAmount"
        ):  # its pattern knows no minus, its text does
            assert not pattern or re.search(pattern, value), f"{path} is {value}"


@dataclasses.dataclass
class Sandbox:
    """A running server on `port` with its state in `folder`."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    clients: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, service: str, *, region: str = "us-east-1", **config: Any) -> Any:
        """A client without retries, each answer of which is held against the model. Made once: that
        takes 30 ms.
        """
        key = f"{service}/{region}/{config}"
        if key not in self.clients:
            self.clients[key] = self._new_client(service, region, config)
        return self.clients[key]

    def _new_client(self, service: str, region: str, config: dict[str, Any]) -> Any:
        settings = Config(**{"retries": {"total_max_attempts": 1}, **config})
        client = SESSION.client(service, region_name=region, endpoint_url=self.url, config=settings)
        client.meta.events.register("before-parse", check_contract)
        return client

    def control(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/_sandbox/{path}", data, headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"null")

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(folder: Path, *arguments: str) -> Sandbox:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "portal.sandbox",
        "--port",
        str(port),
        "--state",
        str(folder),
        *arguments,
    ]
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "DJANGO_"))
    }
    with (folder.parent / f"{folder.name}.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    sandbox = Sandbox(port, folder, process)
    _wait(sandbox)
    return sandbox


def _wait(sandbox: Sandbox) -> None:
    for _ in range(3000):
        try:
            sandbox.control("GET", "health")
            return
        except OSError:
            assert sandbox.process.poll() is None, "the sandbox ended at its start"
            time.sleep(0.02)
    raise AssertionError("the sandbox did not answer within a minute")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One server with the sample company for all tests that leave no trace others could see."""
    sandbox = start(tmp_path_factory.mktemp("sandbox") / "state")
    yield sandbox
    sandbox.stop(signal.SIGKILL)


@pytest.fixture
def sandbox(shared: Sandbox) -> Sandbox:
    """The shared server, without faults, quota, latency or ledger of earlier tests."""
    shared.control("DELETE", "faults")
    shared.control("DELETE", "ledger")
    shared.control("POST", "limits", {"rate": 0, "burst": 20, "latency_ms": 0})
    shared.control("POST", "cost-explorer", {"page_size": 10_000})
    return shared


@contextlib.contextmanager
def starting() -> Iterator[Any]:
    """`start`, for servers that end with this."""
    started: list[Sandbox] = []

    def start_one(folder: Path, *arguments: str) -> Sandbox:
        started.append(start(folder, *arguments))
        return started[-1]

    yield start_one
    for sandbox in started:
        if sandbox.process.poll() is None:
            sandbox.stop(signal.SIGKILL)


@pytest.fixture
def fresh(tmp_path: Path) -> Any:
    """Start servers of one's own: fresh(), fresh("--empty"). They end with the test."""
    with starting() as start_one:
        yield functools.partial(start_one, tmp_path / "state")


@pytest.fixture(scope="module")
def start_on() -> Any:
    """Start servers on a folder: start_on(folder, "--empty"). They end with the module."""
    with starting() as start_one:
        yield start_one
