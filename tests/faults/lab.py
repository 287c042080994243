"""The portal on real parts, where faults are let loose: database, queue, AWS, workers, beat, web."""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import redis
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from billing.spending import refreshes
from onboarding.models import ImportBatch, Member, Plan
from onboarding.setup import connection as aws_connection
from onboarding.team import members
from portal import aws
from portal.environment import BASE_DIR
from portal.models import JobRun, Notice, User
from portal.supervisor.processes import die_with_parent
from tests.faults.browser import Browser
from tests.support import surroundings
from tests.support.cloud import Cloud

PATIENCE = 600
"""Seconds after which a run that never settles is given up, and its open rows count as lost."""


class Lab:
    """`scale`: 1 for the whole load, 0.1 for the short form. `dice`: the seeded chance of a run."""

    def __init__(self, folder, *, scale, seed):
        self.folder, self.scale, self.seed = folder, scale, seed
        self.throw_for("")
        self.cloud = Cloud(folder)
        self.keeper = Keeper(folder, self)
        self.cloud.wait()
        self.point_at(self.cloud.url)
        self._run = 0
        self._plans = list(Plan.objects.all())
        if self.database:
            with connection.cursor() as cursor:  # what was acknowledged has to be kept here
                cursor.execute("ALTER ROLE portal SET synchronous_commit = on")

    database = property(lambda self: surroundings.SERVERS.get("database"))
    queue = property(lambda self: surroundings.SERVERS["queue"])

    def throw_for(self, name):
        """The same dice for this fault, whichever were tried before it."""
        self.dice = random.Random(f"{self.seed}-{name}")  # noqa: S311  # chance, no secret

    @property
    def is_short(self):
        return self.scale < 1

    def some(self, whole, *, short=None):
        """So many at this scale, one at least; `short` where a tenth would still be too slow."""
        if self.is_short and short is not None:
            return short
        return max(1, round(whole * self.scale))

    def point_at(self, url):
        """Where this process finds AWS; the workers have the embedded one."""
        os.environ["AWS_ENDPOINT_URL"] = url
        aws.client.cache_clear()

    def fresh(self):
        """An empty portal, connected; AWS keeps its users, so addresses are new in each run."""
        self._run += 1
        call_command("flush", interactive=False, verbosity=0)
        Plan.objects.bulk_create(self._plans)
        self.empty_queue()
        shutil.rmtree(settings.EMAIL_FILE_PATH, ignore_errors=True)
        self.cloud.settle()
        aws_connection.connect(region=settings.AWS_REGION)
        refreshes.ask(now=timezone.now())
        self.founder = User.objects.create_user("founder@lab.example", role=User.Role.FOUNDER)
        self.cloud.forget()

    def empty_queue(self):
        with redis.Redis.from_url(settings.REDIS_URL) as queue:
            queue.flushdb()

    def addresses(self, count, kind="r"):
        return [f"{kind}{self._run}-{number}-{self.seed}@lab.example" for number in range(count)]

    def add(self, addresses):
        plan = Plan.objects.get(code="pro-plus")
        for number, email in enumerate(addresses):
            members.add(
                email=email,
                given_name="Lab",
                family_name=f"No {number}",
                plan=plan,
                actor=self.founder,
            )

    def browser(self, user=None):
        return Browser(self.keeper.port, user or self.founder)

    def until(self, happened, *, seconds=PATIENCE):
        """Whether it happened in time. A database that is away is no answer yet."""
        deadline = time.monotonic() + seconds
        while not _is_so(happened):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def settle(self, *, seconds=PATIENCE):
        """Until nothing waits: no member in work, no mail unsent. Seconds that took."""
        began = time.monotonic()
        self.until(is_settled, seconds=seconds)
        return time.monotonic() - began

    def mend(self, *, since):
        """Until every row is done that the trouble had met, or that was in somebody's hands; seconds
        since it ended. What had not been begun by then takes its time at AWS's pace."""
        open_rows = Member.objects.filter(next_try_at__isnull=False, is_quarantined=False)
        met = open_rows.exclude(failure_code="", lease="").values_list("pk", flat=True)
        keys = list(met)
        self.until(lambda: not open_rows.filter(pk__in=keys).exists())
        return time.monotonic() - since

    @contextlib.contextmanager
    def at_work(self, **orders):
        """Workers and beat, started again whenever they die: see `Keeper.begin`."""
        self.keeper.begin(**orders)
        try:
            if not self.until(JobRun.objects.filter(name="worker").exists, seconds=60):
                raise RuntimeError(f"no worker: {self.keeper.said()}")
            yield self.keeper
        finally:
            self.keeper.end()

    def close(self):
        self.keeper.stop()
        self.cloud.stop()


def _is_so(happened):
    try:
        return happened()
    except (DatabaseError, InterfaceError):
        connection.close()
        return False


def is_settled():
    """Asked in the order in which one makes the other: what begins in between is seen."""
    is_adding = ImportBatch.objects.filter(next_try_at__isnull=False)
    in_work = Member.objects.filter(next_try_at__isnull=False, is_quarantined=False)
    is_mail_waiting = Notice.objects.filter(next_try_at__isnull=False)
    return not (is_adding.exists() or in_work.exists() or is_mail_waiting.exists())


class Keeper:
    """The process that keeps the parts alive, as a supervisor or an orchestrator does."""

    def __init__(self, folder, lab):
        self._lab, self._shifts = lab, Path(tempfile.mkdtemp(dir=folder))
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self._log = (folder / "keeper.log").open("wb")
        told = {
            "AWS_ENDPOINT_URL": lab.cloud.url,
            "PORTAL_LISTENER": str(self._listener.fileno()),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.keeper"],
            cwd=BASE_DIR,
            env={**os.environ, **told},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            pass_fds=[self._listener.fileno()],
            preexec_fn=partial(die_with_parent, os.getpid()),
        )
        self._is_ready = False

    def begin(self, *, workers=1, web=False, crash="", kills=0, apart=False, **more):
        """`crash`: points and their shares (`portal/crash_points.py`), for the first `kills` lives. `apart`:
        as if each life were on a machine of its own, so that nobody sees that it is over and leases
        run out by time. `more`: settings of the parts."""
        self._folder = Path(tempfile.mkdtemp(dir=self._shifts))
        orders = {
            "folder": str(self._folder),
            "seed": self._lab.seed,
            "workers": workers,
            "web": web,
            "crash": crash,
            "kills": kills,
            "apart": apart,
            "is_short": self._lab.is_short,
            "settings": {"IDENTITY_CENTER_RATE": 1000, **more},
        }
        self._say(json.dumps(orders))

    def end(self):
        """At once: kill -9 for all."""
        self._say("")

    def _say(self, words):
        if not self._is_ready:
            self._is_ready = self._hear() == "ready"
        self._process.stdin.write(f"{words}\n")
        self._process.stdin.flush()
        self._hear()

    def _hear(self):
        words = self._process.stdout.readline().strip()
        if not words:
            raise RuntimeError("the keeper ended")
        return words

    @property
    def deaths(self):
        """When workers died and were started again, in seconds of the monotonic clock."""
        path = self._folder / "deaths"
        return [float(line) for line in path.read_text().split()] if path.exists() else []

    def parts(self):
        """The pids that live now, `workers` and `others`."""
        return json.loads((self._folder / "parts").read_text())

    def said(self):
        """The last that the parts had to say."""
        return (self._folder / "output.log").read_text()[-3000:]

    def kill_one(self, number=signal.SIGKILL, *, which=0):
        """A real signal to one worker; returns once another has taken its place."""
        before = len(self.deaths)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.parts()["workers"][which], number)
        deadline = time.monotonic() + 120
        while len(self.deaths) == before and time.monotonic() < deadline:
            time.sleep(0.02)

    def recovery(self):
        """Seconds since the last death, or None when nobody died."""
        return time.monotonic() - max(self.deaths) if self.deaths else None

    def stop(self):
        """Its parts die with it."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._log, self._listener):
            with contextlib.suppress(OSError):
                stream.close()
