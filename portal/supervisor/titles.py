"""What `ps` and `pgrep` call a forked process, which else would all be `manage.py run`."""

from collections.abc import Callable
from contextlib import suppress
from importlib import import_module

_set: Callable[[str], None] | None = None
with suppress(ImportError):  # it comes with requirements/sandbox.txt
    _library = import_module("setproctitle")
    _library.getproctitle()  # now: it finds its place by the environment, which is still untouched
    _set = _library.setproctitle


def set_title(title: str) -> None:
    if _set is not None:
        _set(title)
