"""The two ways to start a process: run a command, or fork from what this process has loaded.

Web, worker and beat are all Django with the same apps. Forked on Linux from one that has loaded
them, they share that memory and are there at once; elsewhere forking without exec is not safe
(macOS's own libraries mind it), so there each loads for itself.
"""

import ctypes
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Protocol

from portal.environment import BASE_DIR
from portal.supervisor import titles
from portal.supervisor.signals import give_back_signals

CAN_FORK = sys.platform == "linux"
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)  # loaded here: between fork and exec is no time for that


@dataclass(frozen=True, slots=True)
class Order:
    """What to start, with which open files (`inherits`).

    `is_forked`: it is `python -m …` and wants what this process has loaded.
    """

    command: list[str]
    environment: Mapping[str, str]
    inherits: tuple[int, ...] = ()
    is_forked: bool = False


class Process(Protocol):
    pid: int

    def status(self) -> int | None:
        """None while it runs; else its exit code, below nought for the signal that ended it."""

    def wait(self, seconds: float) -> None:
        """Until it ends, or for so long."""


def start(order: Order, output: BinaryIO) -> Process:
    return _Forked(order, output) if order.is_forked and CAN_FORK else _Spawned(order, output)


def die_with_parent(parent: int) -> None:
    """Ask Linux to kill this process with the one that started it, however that one ends."""
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before we asked
            os._exit(1)


class _Spawned:
    def __init__(self, order: Order, output: BinaryIO) -> None:
        self._process = subprocess.Popen(
            order.command,
            cwd=BASE_DIR,
            env=dict(order.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=order.inherits,
            start_new_session=True,  # Ctrl-C is for the supervisor; it stops the rest in order
            preexec_fn=partial(die_with_parent, os.getpid()),
        )
        self.pid = self._process.pid

    def status(self) -> int | None:
        return self._process.poll()

    def wait(self, seconds: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)


class _Forked:
    def __init__(self, order: Order, output: BinaryIO) -> None:
        enter = partial(_become, order, output, os.getpid())
        self._process = multiprocessing.get_context("fork").Process(target=enter)
        self._process.start()
        self.pid = self._process.pid or 0

    def status(self) -> int | None:
        return self._process.exitcode

    def wait(self, seconds: float) -> None:
        self._process.join(seconds)


def _become(order: Order, output: BinaryIO, parent: int) -> None:
    """In the forked process: what exec would have done, and then the module."""
    die_with_parent(parent)
    os.setsid()
    give_back_signals()
    os.dup2(output.fileno(), 1)
    os.dup2(output.fileno(), 2)
    titles.set_title(" ".join(order.command))
    os.environ.update(order.environment)
    _python, _m, module, *arguments = order.command
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
