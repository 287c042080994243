"""Before anything is served: tables, static files, and in the sandbox the sample company.

Its last line is what the supervisor shows when it fails.
"""

import hashlib
import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command, get_commands
from django.db import DatabaseError

from portal.supervisor import asking

SECONDS_FOR_AWS = 60
EXPECTED = (ImproperlyConfigured, CommandError, DatabaseError, OSError, ValueError)


def main() -> int:
    try:
        _prepare()
    except EXPECTED as error:
        first_line = str(error).strip().split("\n")[0]
        print(first_line or type(error).__name__, file=sys.stderr, flush=True)
        return 1
    return 0


def _prepare() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    call_command("migrate", interactive=False)
    _collect_static()
    if os.environ.get("AWS_SANDBOX") == "true" and "seed_sandbox" in get_commands():
        _wait_for_aws()
        call_command("seed_sandbox")


def _collect_static() -> None:
    """Only when some file has changed: hashing and compressing them takes a second or two."""
    from django.conf import settings

    noted, now = Path(settings.STATIC_ROOT) / ".collected", _fingerprint()
    if noted.is_file() and noted.read_text() == now:
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    noted.write_text(now)


def _fingerprint() -> str:
    from django.contrib.staticfiles.finders import get_finders

    seen = hashlib.sha256(repr((django.VERSION, sys.version)).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = Path(storage.path(name)).stat()
            seen.update(f"{storage.path(name)} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return seen.hexdigest()


def _wait_for_aws() -> None:
    port = urlsplit(os.environ["AWS_ENDPOINT_URL"]).port or 0
    deadline = time.monotonic() + SECONDS_FOR_AWS
    while asking.http_status(port, "/_sandbox/health") != 200:
        if time.monotonic() > deadline:
            raise CommandError("The embedded AWS does not answer; see its log.")
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
