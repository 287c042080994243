"""docker-compose.yml without Docker: its services as processes of this machine.

Each runs the service's own command in the service's own environment, with the names of containers
turned into ports of 127.0.0.1, and with the folders of the image turned into folders of a test.
"""

import os
import re
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import yaml

from portal.environment import BASE_DIR
from portal.supervisor import asking
from portal.supervisor.choices import free_port
from portal.supervisor.processes import die_with_parent
from tests.deployment import image

VARIABLE = re.compile(r"\$\{(\w+)(?:(:[-?])([^}]*))?\}")
STARTING = 240
BIN = Path(sys.executable).parent


class Unset(Exception):
    """The compose file demands a variable that .env does not say."""


def filled_in(**values):
    """`.env` as a stranger writes it: lines of .env.example, without their #, with values."""
    text = (BASE_DIR / ".env.example").read_text()
    for name, value in values.items():
        text, times = re.subn(rf"(?m)^#{name}=.*$", f"{name}={value}", text)
        assert times == 1, f"{name} has {times} lines in .env.example"
    return dict(re.findall(r"(?m)^(\w+)=(.*)$", text))


def read(env):
    """The compose file with its variables resolved out of `.env`. Raises: Unset."""
    return yaml.safe_load(VARIABLE.sub(partial(_value, env), _text()))


def _text():
    return "\n".join(
        line
        for line in (BASE_DIR / "docker-compose.yml").read_text().splitlines()
        if line.lstrip()[:1] != "#"
    )


def _value(env, match):
    name, how, other = match.groups()
    if env.get(name):
        return env[name]
    if how == ":?":
        raise Unset(other)
    return other or ""


class Deployment:
    """`up` starts a service, `run` one command in it; `addresses` are what container names mean."""

    def __init__(self, folder, env, addresses):
        self.folder, self.env, self.addresses = folder, env, addresses
        self.services = read(env)["services"]
        self.processes = []
        (folder / "static").mkdir(parents=True, exist_ok=True)

    def environment(self, service):
        """`env_file`, then `environment`, on top of what the image sets; nothing of this shell."""
        described = self.services[service]
        assert described["env_file"] == ".env"
        named = {name: self._here(str(value)) for name, value in described["environment"].items()}
        own = {"PATH": f"{BIN}:{os.defpath}", "DATA_DIR": str(self.folder)}
        fixed = {"PORTAL_DOT_ENV": os.devnull, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        no_profile = {"AWS_EC2_METADATA_DISABLED": "true"}
        return {**image.environment(), **own, **fixed, **no_profile, **self.env, **named}

    def command(self, service, port=0):
        words = self.services[service].get("command") or image.command()
        return [self._here(word).replace("0.0.0.0:8000", f"127.0.0.1:{port}") for word in words]

    def _here(self, text):
        for name, address in self.addresses.items():
            text = text.replace(name, address)
        return text.replace("/tmp/", f"{self.folder}/")  # noqa: S108  # a tmpfs of its own there

    def up(self, service):
        port = free_port()
        with (self.folder / f"{service}-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                self.command(service, port),
                cwd=BASE_DIR,
                env=self.environment(service),
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=partial(die_with_parent, os.getpid()),
            )
        self.processes.append(process)
        process.port = port
        return process

    def run(self, service, *words):
        """What the command said; it has to end well."""
        done = subprocess.run(
            [self._here(word) for word in words],
            cwd=BASE_DIR,
            env=self.environment(service),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def health(self, web):
        """The image's own check, at this process's port; its exit code."""
        words = [word.replace(":8000", f":{web.port}") for word in image.health_check()]
        environment = self.environment("web")
        return subprocess.run(words, env=environment, capture_output=True, check=False).returncode

    def wait(self, web):
        until(lambda: asking.http_status(web.port, "/healthz") == 200, web, self.said)

    def said(self):
        return "\n".join(path.read_text()[-3000:] for path in self.folder.glob("*.log"))

    def down(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(90)


def until(happened, process=None, said=lambda: ""):
    deadline = time.monotonic() + STARTING
    while not (found := happened()):
        assert process is None or process.poll() is None, said()
        assert time.monotonic() < deadline, f"waited too long: {said()}"
        time.sleep(0.05)
    return found
