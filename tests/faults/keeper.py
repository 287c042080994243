"""`python -m tests.faults.keeper`: keeps workers, beat and web alive, and notes each death.

They are forked from a process that has loaded Django, as `manage.py run` does it: a worker is back
in a fraction of a second, so that a hundred kills fit into minutes. A line of JSON on its standard
input is an order, an empty one the end of the shift.
"""

import json
import os
import select
import signal
import sys
import time
from pathlib import Path

from portal.supervisor import loading, processes
from portal.supervisor.processes import Order


class Kept:
    """One part: as often as it ends, it is started again."""

    def __init__(self, name, words, shift):
        self._name, self._command = name, [sys.executable, "-m", "tests.faults.start", *words]
        self._shift, self._lives, self.process = shift, 0, None

    def start(self, **more):
        self._lives += 1
        seed = f"{self._shift.orders['seed']}-{self._name}-{self._lives}"
        told = {"FAULTS": json.dumps(self._shift.orders), "FAULTS_DICE": seed, **more}
        order = Order(self._command, {**os.environ, "CRASH_AT": "", **told}, is_forked=True)
        self.process = processes.start(order, self._shift.output)

    @property
    def has_ended(self):
        return self.process.status() is not None

    def stop(self):
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(30)


class Shift:
    """All parts, for as long as one fault is tried."""

    def __init__(self, orders):
        self.orders, self._folder = orders, Path(orders["folder"])
        self.output = (self._folder / "output.log").open("ab")
        self._deaths = 0
        self._workers = [
            Kept(f"w{number}", ["worker"], self) for number in range(orders["workers"])
        ]
        self._others = [Kept("beat", ["beat", str(self._folder / "schedule")], self)]
        if orders["web"]:
            self._others.append(Kept("web", ["web"], self))
        for part in self._others:
            part.start()
        for worker in self._workers:
            self._start(worker)
        self._note()

    def look(self):
        """Whoever has ended is started again."""
        for part in self._others:
            if part.has_ended:
                part.start()
        for worker in self._workers:
            if worker.has_ended:
                self._deaths += 1
                self._start(worker)
                self._note()
                with (self._folder / "deaths").open("a") as file:
                    file.write(f"{time.monotonic()}\n")

    def _start(self, worker):
        has_kills_left = self._deaths < self.orders["kills"]
        worker.start(CRASH_AT=self.orders["crash"] if has_kills_left else "")

    def _note(self):
        (self._folder / "parts.new").write_text(
            json.dumps(
                {
                    "workers": [each.process.pid for each in self._workers],
                    "others": [each.process.pid for each in self._others],
                }
            )
        )
        (self._folder / "parts.new").replace(self._folder / "parts")

    def end(self):
        for part in (*self._others, *self._workers):
            part.stop()
        self.output.close()


def main():
    loading.load(dict(os.environ))
    shift = None
    print("ready", flush=True)
    while True:
        if not select.select([sys.stdin], [], [], 0.02)[0]:
            if shift:
                shift.look()
            continue
        words = sys.stdin.readline()
        if not words:
            return
        if shift:
            shift.end()
        shift = Shift(json.loads(words)) if words.strip() else None
        print("done", flush=True)


if __name__ == "__main__":
    main()
