"""What `manage.py run` chooses where the environment says nothing: ports, secret, addresses."""

import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import environ

from portal.environment import (
    RUN_ENVIRONMENT,
    data_dir,
    dot_env,
    forget_aws,
    is_on,
    run_environment,
)
from portal.supervisor.refusal import Refusal

DATABASES = {"django.db.backends.sqlite3", "django.db.backends.postgresql"}
CONFIGURED = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "AWS_SANDBOX", "SECRET_KEY", "PORT")
SHARED = (
    *CONFIGURED,
    "SECRET_KEY_FALLBACKS",
    "PORTAL_RUN",
    "BASE_URL",
    "ALLOWED_HOSTS",
    "DEBUG",
    "MAIL_FROM",
)
"""What a second shell needs to talk to the same parts; real AWS credentials are not among it."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What this run works with. `queue_url` and `aws_url`: only of what it brings itself."""

    folder: Path
    port: int
    queue_url: str
    aws_url: str
    environment: dict[str, str]


def choose() -> Choices:
    """Complete the environment. Raises: Refusal when it makes no sense."""
    folder, before = data_dir(), run_environment()
    given = {name: value for name, value in os.environ.items() if value or name not in CONFIGURED}
    _check(given)
    queue_url = "" if "REDIS_URL" in given else _queue_url()
    aws_url = _aws_url(before) if _is_sandbox(given) else ""
    environment = {
        **_aws(given, aws_url),
        "PORTAL_RUN": "1",
        "PYTHONUNBUFFERED": "1",
        "MALLOC_ARENA_MAX": "2",  # glibc gives each thread its own otherwise, and keeps them
        "PORT": str(_port(given)),
        "DATA_DIR": str(folder),
        "SECRET_KEY": given.get("SECRET_KEY") or _secret_key(folder),
        "REDIS_URL": given.get("REDIS_URL") or queue_url,
    }
    return Choices(folder, _port(given), queue_url, aws_url, environment)


def note(choices: Choices) -> None:
    """Write down for a second shell what was chosen, whole or not at all, for our eyes only."""
    names = [*SHARED, *(name for name in choices.environment if _is_shared_aws(name, choices))]
    chosen = {name: choices.environment[name] for name in names if name in choices.environment}
    lines = [f"{name}={quoted(value)}\n" for name, value in chosen.items()]
    unfinished = choices.folder / f".{RUN_ENVIRONMENT}"
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text("".join(lines))
    unfinished.replace(choices.folder / RUN_ENVIRONMENT)


def free_port(preferred: int = 0) -> int:
    """A port of this machine that nobody listens on: the preferred one if it is."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _check(given: dict[str, str]) -> None:
    """What Django and Celery would answer with a traceback."""
    database = given.get("DATABASE_URL", "")
    if database and _engine(database) not in DATABASES:
        raise Refusal(
            "DATABASE_URL is not an address of PostgreSQL or SQLite, such as "
            "postgres://user:password@127.0.0.1:5432/portal or sqlite:////folder/portal.sqlite3."
        )
    if urlsplit(given.get("REDIS_URL", "redis:")).scheme not in ("redis", "rediss"):
        raise Refusal("REDIS_URL is not an address such as redis://127.0.0.1:6379/0.")


def _engine(url: str) -> str:
    try:
        if not urlsplit(url).scheme:
            return ""
        return str(environ.Env.db_url_config(url).get("ENGINE", ""))
    except ValueError:
        return ""


def _port(given: dict[str, str]) -> int:
    text = given.get("PORT", "8000")
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 65536):
        raise Refusal(f"PORT is {text!r}; it has to be a number from 1 to 65535.")
    return int(text)


def _is_sandbox(given: dict[str, str]) -> bool:
    """On when nobody configured anything: neither the variable nor a `.env`."""
    answer = given.get("AWS_SANDBOX", "" if dot_env().is_file() else "true")
    try:
        return is_on("AWS_SANDBOX", answer)
    except ValueError as error:
        raise Refusal(str(error)) from None


def _secret_key(folder: Path) -> str:
    """Made once, readable by us alone, so that sessions survive a restart."""
    path = folder / "secret-key"
    if not path.is_file():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text().strip()


def _queue_url() -> str:
    """With a password: other accounts of this machine have no business in our queue."""
    return f"redis://:{secrets.token_hex(16)}@127.0.0.1:{free_port()}/0"


def _aws_url(before: dict[str, str]) -> str:
    """The endpoint of the last start if it is free, so that shells set up for it keep working."""
    last = urlsplit(before.get("AWS_ENDPOINT_URL", ""))
    preferred = last.port or 0 if last.hostname == "127.0.0.1" else 0
    return f"http://127.0.0.1:{free_port(preferred)}"


def _aws(given: dict[str, str], aws_url: str) -> dict[str, str]:
    """The sandbox gets none of this machine's real AWS set-up; else AWS is left as it is given."""
    if not aws_url:
        return {**given, "AWS_SANDBOX": "false"}
    without = dict(given)
    forget_aws(without)
    return {
        **without,
        "AWS_SANDBOX": "true",
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _is_shared_aws(name: str, choices: Choices) -> bool:
    if choices.aws_url:
        return name.startswith("AWS_")
    return name.startswith("AWS_ENDPOINT_URL") or name in ("AWS_REGION", "AWS_DEFAULT_REGION")


def quoted(value: str) -> str:
    r"""As django-environ reads it back: within quotes only \ and " mean something."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
