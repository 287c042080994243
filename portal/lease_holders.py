"""Which process holds a lease, and whether it still lives: rows of the dead need not wait.

Each process that claims rows keeps a file in `DATA_DIR` locked, named like the first half of its
leases. The kernel drops the lock when the process ends, however it ends, and not before: one that
is stopped or hangs keeps its rows. Where the folder is not shared or cannot be written, no file is
found and leases run out by time, as they do for a machine that is gone.
"""

import fcntl
import logging
import os
import secrets
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from portal.models import Work

logger = logging.getLogger(__name__)

_HALF = 8  # bytes: a lease has two halves, of 16 letters each

_lock = threading.Lock()
_us: dict[int, str] = {}
"""By process, since a fork must not go on under its parent's name."""


def folder() -> Path:
    return Path(settings.DATA_DIR) / "holders"


def new_lease() -> str:
    """A word for one claim: who holds it, and which of theirs it is."""
    with _lock:
        if os.getpid() not in _us:
            _us[os.getpid()] = _enter()
        return _us[os.getpid()] + secrets.token_hex(_HALF)


def _enter() -> str:
    """Our name, with a file that is locked for as long as we live."""
    name = secrets.token_hex(_HALF)
    try:
        _lock_file(name)
    except OSError as error:
        logger.info("Leases of this process run out by time alone: %s", error)
    return name


def _lock_file(name: str) -> None:
    """Never closed. Locked before it has its name: a file without a lock is a dead one's."""
    folder().mkdir(parents=True, exist_ok=True)
    unfinished = folder() / f".{name}"
    fcntl.flock(os.open(unfinished, os.O_CREAT | os.O_WRONLY, 0o600), fcntl.LOCK_EX)
    unfinished.rename(folder() / name)


def let_go_of_the_dead(models: Iterable[type[Work]]) -> dict[type[Work], list[int]]:
    """What processes of this machine held that are gone is free at once; the keys of those rows."""
    freed: dict[type[Work], list[int]] = {model: [] for model in models}
    for path in _of_the_dead():
        for model, keys in freed.items():
            keys.extend(_free(model, path.name))
        path.unlink(missing_ok=True)
    return {model: keys for model, keys in freed.items() if keys}


def _of_the_dead() -> Iterator[Path]:
    for path in folder().glob("[!.]*"):
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield path
        except OSError:  # locked: it lives; or gone: somebody was quicker
            continue


def _free(model: type[Work], holder: str) -> list[int]:
    now = timezone.now()
    held = model._default_manager.filter(lease__startswith=holder, leased_until__gt=now)
    keys = list(held.values_list("pk", flat=True))
    if keys:
        held.update(leased_until=now)
    return keys
