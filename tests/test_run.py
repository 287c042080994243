"""`manage.py run` with the real processes: up, down, killed, refused."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import sys
import urllib.request

import pytest

from tests.support import surroundings
from tests.support.running import Running

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="cannot run here: looks into /proc"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The folder of the first run and the second: that it works on what is there is a promise."""
    return tmp_path_factory.mktemp("run") / "var"


@pytest.fixture(scope="module")
def first(home):
    """A run on a folder that is not there yet, ended by Ctrl-C."""
    return Life(home, signal.SIGINT)


@pytest.fixture(scope="module")
def moved(tmp_path_factory, home, first):
    """What the first run left behind, copied before the second begins."""
    return shutil.copytree(home, tmp_path_factory.mktemp("moved") / "var")


@pytest.fixture(scope="module")
def up(home, moved):
    """The second run, for the tests that leave it as they found it.

    Beat finds rubbish where it keeps its schedule.
    """
    for path in home.glob("beat-schedule*"):
        path.unlink()
    (home / "beat-schedule").write_bytes(b"rubbish" * 100)
    before = _beat_sign(home)
    running = Running(home).wait()
    running.until(lambda: _beat_sign(home) != before)
    yield running
    running.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def configured(tmp_path_factory, moved):
    """A run with a `.env`, ended as a service manager does it."""
    dot_env = tmp_path_factory.mktemp("configured") / "dot-env"
    dot_env.write_text("MAIL_FROM=Portal <portal@example.com>\nDATABASE_URL=\n")
    no_aws = {**surroundings.FAKE_AWS, "AWS_ENDPOINT_URL": surroundings.NOWHERE}
    return Life(moved, signal.SIGTERM, PORTAL_DOT_ENV=str(dot_env), **no_aws)


@pytest.fixture
def start(tmp_path):
    started = []

    def one(**environment):
        started.append(Running(tmp_path / "var", **environment))
        return started[-1]

    yield one
    for running in started:
        running.stop(signal.SIGKILL)


class Life:
    """What was seen of one run on `home`, from its start to its end by a signal."""

    def __init__(self, home, number, **environment):
        before = _beat_sign(home)
        running = Running(home, **environment).wait()
        self.said, self.port = running.said, running.port
        self.statuses = {running.status(path) for path in ["/healthz", *_stylesheets(running)]}
        self.secret, self.endpoint = (home / "secret-key").read_text(), _endpoint(home)
        self.chosen = (home / "run.env").read_text()
        self.modes = {_mode(home / name) for name in ("secret-key", "run.env")}
        running.until(lambda: _beat_sign(home) != before)  # the last part to start
        self.pids, self.sandbox = running.pids(), running.pid_of("portal.sandbox")
        running.stop(number)
        self.left = running.pids()
        self.returncode = running.process.returncode


def test_comes_up_and_says_where(first):
    assert first.statuses == {200}
    assert f"Open http://127.0.0.1:{first.port}/ and choose" in first.said


def test_nobody_else_reads_its_secrets(first, configured):
    assert first.modes == configured.modes == {0o600}


def test_a_second_start_keeps_the_data(first, up, home):
    assert ((home / "secret-key").read_text(), _endpoint(home)) == (first.secret, first.endpoint)
    with sqlite3.connect(home / "portal.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM django_migrations").fetchone()[0] > 10


@pytest.mark.parametrize(
    ("name", "parts"), [("first", 7), ("configured", 6)], ids=["SIGINT", "SIGTERM"]
)
def test_one_signal_stops_everything(request, name, parts):
    life = request.getfixturevalue(name)

    assert len(life.pids) >= parts
    assert life.returncode == 0
    assert life.left == set()


def test_a_beat_schedule_that_is_rubbish_does_not_matter(up):
    assert "beat" not in up.said


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("worker", ("celery", "worker")),
        ("beat", ("celery", "beat")),
        ("web", ("gunicorn", "master")),
        ("queue", ("valkey-server",)),
        ("aws", ("portal.sandbox",)),
    ],
)
def test_a_part_that_is_killed_is_back_and_it_says_so(up, name, words):
    killed = up.pid_of(*words)

    os.kill(killed, signal.SIGKILL)

    up.until(lambda: up.pid_of(*words) not in (0, killed))
    assert f"{name} was killed (SIGKILL); starting it again now." in up.said
    up.until(lambda: up.status() == 200)


def test_a_taken_port_is_one_sentence(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        running = start(port=port)
        running.process.wait(90)

    assert running.process.returncode == 1
    assert running.said.startswith(f"Port {port} is taken by another program.")
    assert running.said.count("\n") == 1


def test_a_second_run_on_the_same_folder_is_refused(up):
    second = Running(up.folder, said_in="second.out")
    second.process.wait(90)

    assert second.process.returncode == 1
    assert second.said == (
        f"The portal already runs on {up.folder}. Stop that one, or set DATA_DIR and PORT.\n"
    )
    assert up.status() == 200


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"PORT": "http"}, "PORT is 'http'"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL is not an address"),
        ({"REDIS_URL": "nonsense"}, "REDIS_URL is not an address"),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "REDIS_URL names 127.0.0.1:1, where nothing"),
        ({"EMAIL_URL": "pigeon://x"}, "The settings do not fit together: Invalid email schema"),
        ({"DATA_DIR": "/proc/nowhere"}, "DATA_DIR /proc/nowhere cannot be written to"),
    ],
)
def test_a_setting_that_makes_no_sense_is_one_sentence(start, environment, sentence):
    running = start(**environment)
    running.process.wait(90)

    assert running.process.returncode == 1
    assert running.said.startswith(sentence)
    assert running.said.count("\n") == 1


def test_a_dot_env_switches_the_sandbox_off(configured):
    assert "manage.py founder" in configured.said
    assert configured.sandbox == 0
    assert 'AWS_SANDBOX="false"' in configured.chosen


def test_killed_it_leaves_nothing_behind(up):
    """The last test: `up` does not come back."""
    up.stop(signal.SIGKILL)

    up.wait_until_gone()

    assert up.pids() == set()


def _stylesheets(running):
    with urllib.request.urlopen(f"{running.url}/accounts/login/", timeout=60) as answer:
        found = re.findall(r'href="(/static/[^"]+[.]css)"', answer.read().decode())
    assert found
    return found


def _beat_sign(home):
    """When beat last gave a sign of life."""
    if not (home / "portal.sqlite3").exists():
        return []
    with sqlite3.connect(home / "portal.sqlite3") as database:
        return database.execute(
            "SELECT last_run_at FROM portal_jobrun WHERE name = 'beat'"
        ).fetchall()


def _mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def _endpoint(home):
    """The sandbox's address, if there is one."""
    lines = (home / "run.env").read_text().splitlines()
    return next((line for line in lines if line.startswith("AWS_ENDPOINT_URL=")), "")
