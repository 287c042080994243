"""A run from its first process to its last."""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from portal.supervisor import asking, choices, parts, processes
from portal.supervisor.child import Child
from portal.supervisor.choices import Choices
from portal.supervisor.refusal import Refusal
from portal.supervisor.signals import Signals, Stopped

STARTING = 60.0
STEP = 0.05
SETTLING = 10.0
"""How long /healthz may be unwell after the first answer: the worker takes a moment longer."""
STOPPING = 4.5
TICK = 30.0

Say = Callable[[str], None]


class Run:
    """The processes of one run. `say` tells the person at the terminal."""

    def __init__(
        self, chosen: Choices, listener: socket.socket, signals: Signals, say: Say
    ) -> None:
        self._chosen, self._listener = chosen, listener
        self._signals, self._say = signals, say
        self._children: list[Child] = []

    def bring_up(self) -> None:
        """Each part when what it needs answers. Raises: Refusal, Stopped."""
        chosen = self._chosen
        self._bring_up_queue()
        choices.note(chosen)
        if chosen.aws_url:
            self._start(parts.aws(chosen))
        self._load()
        self._prepare(parts.preparation(chosen))
        web = self._start(parts.web(chosen, self._listener))
        self._start(parts.worker(chosen))
        self._start(parts.beat(chosen))
        self._wait(web, lambda: self._health() != 0)
        self._settle()

    def watch(self) -> None:
        """Start again what ends, until somebody says stop. Raises: Stopped."""
        looked_at_logs = time.monotonic()
        while True:
            for child in self._children:
                if sentence := child.tend():
                    self._say(sentence)
            if time.monotonic() - looked_at_logs >= TICK:
                looked_at_logs = time.monotonic()
                self._shorten_logs()
            is_one_down = any(child.status is not None for child in self._children)
            self._signals.wait(STEP if is_one_down else TICK)

    def stop(self) -> None:
        """In order, each for as long as it may take, all in `STOPPING`; a second Ctrl-C hurries."""
        deadline = time.monotonic() + STOPPING
        for child in sorted(self._children, key=_stopping_place):
            is_hurried = self._signals.stops > 1
            child.stop(within=0.0 if is_hurried else deadline - time.monotonic())

    def _bring_up_queue(self) -> None:
        if self._chosen.queue_url:
            queue = self._start(parts.queue(self._chosen))
            self._wait(queue, lambda: asking.queue_answers(self._chosen.queue_url))
            return
        given = urlsplit(self._chosen.environment["REDIS_URL"])
        host, port = given.hostname or "127.0.0.1", given.port or 6379
        if not asking.is_open(host, port):
            raise Refusal(f"REDIS_URL names {host}:{port}, where nothing answers.")

    def _load(self) -> None:
        """Only where children are forked, and only here: refusals before this one come at once."""
        if not processes.CAN_FORK:
            return
        from portal.supervisor import loading

        loading.load(self._chosen.environment)
        self._signals.check()

    def _prepare(self, preparation: Child) -> None:
        """While the embedded AWS starts; the preparation waits for that where it needs it."""
        self._say("Preparing the database …")
        preparation.start()
        try:
            while preparation.status is None:
                self._look_for_early_ends()
                self._signals.wait(STEP)
        finally:
            preparation.kill()
        if preparation.status:
            raise Refusal(f"Could not prepare: {_last_words(preparation)}")

    def _start(self, child: Child) -> Child:
        child.start()
        self._children.append(child)
        return child

    def _wait(self, child: Child, answers: Callable[[], bool]) -> None:
        deadline = time.monotonic() + STARTING
        while not answers():
            self._look_for_early_ends()
            if time.monotonic() > deadline:
                raise Refusal(f"The {child.name} does not answer: {_last_words(child)}")
            self._signals.wait(STEP)

    def _look_for_early_ends(self) -> None:
        for child in self._children:
            if child.status is not None:
                raise Refusal(f"The {child.name} {child.how_it_ended()}: {_last_words(child)}")

    def _health(self) -> int:
        return asking.http_status(self._chosen.port, "/healthz")

    def _settle(self) -> None:
        deadline = time.monotonic() + SETTLING
        while self._health() >= 500:
            self._look_for_early_ends()
            if time.monotonic() > deadline:
                self._say("Not everything is well yet; see /status/.")
                return
            self._signals.wait(STEP)

    def _shorten_logs(self) -> None:
        for child in self._children:
            child.log.shorten()


def run(chosen: Choices, listener: socket.socket, *, say: Say, greet: Callable[[], None]) -> None:
    """Until somebody says stop. Raises: Refusal when it cannot start."""
    signals = Signals()
    this = Run(chosen, listener, signals, say)
    try:
        with suppress(Stopped):
            this.bring_up()
            greet()
            this.watch()
        say("Stopping …")
    finally:
        this.stop()


def _stopping_place(child: Child) -> int:
    return parts.STOPPING_ORDER.index(child.name)


def _last_words(child: Child) -> str:
    return f"{child.log.last_line()} (all of it: {child.log.path})"
