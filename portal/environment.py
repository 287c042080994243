"""Where the environment comes from before the settings: what `manage.py run` chose, or `.env`."""

import fcntl
import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import ClassVar

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
RUN_ENVIRONMENT = "run.env"
"""Written by `manage.py run` (mode 0600) so that a second shell talks to the same parts."""
RUN_LOCK = "run.lock"
"""Held by `manage.py run` for as long as it lives."""


_OFF = ("false", "off", "no", "n", "f", "0", "")


def is_on(name: str, words: str) -> bool:
    """What a switch says. Raises: ValueError, with a sentence, for what is neither yes nor no."""
    said = words.strip().lower()
    if said not in (*environ.Env.BOOLEAN_TRUE_STRINGS, *_OFF):
        raise ValueError(f"{name} is '{words}'; it has to be true or false.")
    return said not in _OFF


def data_dir() -> Path:
    """The folder of all state, absolute: `DATA_DIR`, relative to the project."""
    return (BASE_DIR / (os.environ.get("DATA_DIR") or "var")).resolve()


def dot_env() -> Path:
    """The file of settings; tests name another, so that a developer's own does not change them."""
    return BASE_DIR / (os.environ.get("PORTAL_DOT_ENV") or ".env")


def read_dot_env() -> None:
    """Read `.env`; what the environment already says wins, and an empty line says nothing."""
    for name, value in _read(dot_env()).items():
        if value:
            os.environ.setdefault(name, value)


def read_run_environment(argv: list[str]) -> None:
    """Give `manage.py founder` and its like the surroundings that `manage.py run` chose.

    Only while `run` lives on the same `DATA_DIR`, or where the environment names no secret of its
    own: a file left behind never turns a production command into one of the sandbox. And not for
    `run` itself, which makes the choice.
    """
    read_dot_env()
    if argv[1:2] == ["run"]:
        return
    if is_run_alive() or not os.environ.get("SECRET_KEY"):
        _adopt(run_environment())


def run_environment() -> dict[str, str]:
    """What the last `manage.py run` on this `DATA_DIR` chose; nothing when there was none."""
    return _read(data_dir() / RUN_ENVIRONMENT)


class _File(environ.Env):
    """Reads a file without writing what it says into the environment of this process."""

    ENVIRON: ClassVar[dict[str, str]] = {}


def _read(path: Path) -> dict[str, str]:
    _File.ENVIRON = {}
    if path.is_file():
        _File.read_env(path)
    return _File.ENVIRON


def is_run_alive() -> bool:
    """Whether some `manage.py run` holds the lock of this `DATA_DIR`."""
    try:
        with (data_dir() / RUN_LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # no lock, no run
        return False
    return False


def _adopt(chosen: dict[str, str]) -> None:
    """Take over what the environment leaves open; from the sandbox, all that concerns AWS.

    A shell set up for a real account must not send the sandbox's work there.
    """
    if chosen.get("AWS_SANDBOX") == "true" and not os.environ.get("AWS_SANDBOX"):
        forget_aws(os.environ)
    for name, value in chosen.items():
        if not os.environ.get(name):
            os.environ[name] = value


def forget_aws(environment: MutableMapping[str, str]) -> None:
    """Drop every `AWS_…` variable: credentials, profile, endpoints."""
    for name in [name for name in environment if name.startswith("AWS_")]:
        del environment[name]
