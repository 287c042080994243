"""PostgreSQL gone at once and back, its connections cut; and SQLite with three who write."""

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from django.db import connection

from onboarding.models import Member
from portal.environment import BASE_DIR
from portal.models import JobRun
from tests.faults import sqlite_writers, truth
from tests.faults.browser import Crowd
from tests.faults.lab import Lab
from tests.faults.outcome import Outcome, fault

RATE = 40
PLAN = "pro-plus"
CUT_OTHERS = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@fault("PostgreSQL restarted at once, under load")
def restarted(lab: Lab):
    return _under_load(lab, _restart, times=1 if lab.is_short else 5)


@fault("PostgreSQL's connections cut, under load")
def cut_off(lab: Lab):
    return _under_load(lab, _cut, times=2 if lab.is_short else 20)


def _restart(lab):
    connection.close()
    lab.database.crash()
    time.sleep(0.5)
    lab.database.serve()
    lab.until(lambda: connection.ensure_connection() is None, seconds=60)


def _cut(_lab):
    with connection.cursor() as cursor:
        cursor.execute(CUT_OTHERS)


def _under_load(lab, harm, *, times):
    """One in four requests adds a member; what was answered with a redirect is acknowledged."""
    if not lab.database:
        return Outcome(injected=0, note="NOT RUN: there is no PostgreSQL")
    lab.fresh()
    pause = 0.5 if lab.is_short else 3.0
    rate = RATE // 4 if lab.is_short else RATE
    with lab.at_work(web=True):
        browser = lab.browser()
        lab.until(lambda: browser.get("/healthz").status == 200, seconds=60)
        browser.get("/team/")
        crowd = Crowd(lambda number: _ask(lab, browser, number), each_second=rate, threads=4)
        backs = []
        for _ in range(times):
            time.sleep(pause)
            harm(lab)
            backs.append(time.monotonic())
        time.sleep(pause)
        answers = crowd.stop()
        are_alive = _gives_signs(lab)
        lab.settle()
        recovery = time.monotonic() - backs[-1]
    return _judged(lab, answers, backs, are_alive=are_alive, recovery=recovery)


def _ask(lab, browser, number):
    if number % 4:
        return browser.get("/team/" if number % 2 else "/status/")
    who = {"email": _address(lab, number), "given_name": "Lab", "family_name": "Person"}
    return browser.post("/team/", **who, plan=PLAN)


def _address(lab, number):
    return lab.addresses(number + 1)[number]


def _gives_signs(lab):
    """Worker and beat note their being alive again, on connections that were cut."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM portal_jobrun")
    return lab.until(
        lambda: JobRun.objects.filter(name__in=["worker", "beat"]).count() == 2, seconds=90
    )


def _judged(lab, answers, backs, *, are_alive, recovery):
    added = [
        _address(lab, number) for number, each in answers if not number % 4 and each.status == 302
    ]
    kept = set(Member.objects.values_list("email", flat=True))
    lost = [address for address in added if address not in kept]
    bad = [answer for _, answer in answers if not answer.is_good]
    late = sum(_since_last(each, backs) > 1 for each in bad)
    outcome = truth.judge(
        lab, [each for each in added if each in kept], injected=len(backs), recovery=recovery
    )
    statuses = dict(sorted(Counter(each.status for each in bad).items()))
    note = f"{len(added)} acknowledged of {len(answers)} requests, failed {statuses}, {late} later than 1 s"
    # A machine that stands still is late too: in the short form it is told, not judged.
    wrong = (0 if lab.is_short else late) + (not are_alive)
    return replace(outcome, lost=outcome.lost + len(lost), wrong=outcome.wrong + wrong, note=note)


def _since_last(answer, backs):
    """Seconds from when it was back until this request was begun; what fell into the outage has
    been asked before."""
    began = answer.at - answer.seconds
    before = [back for back in backs if back <= began]
    following = [back for back in backs if back > began]
    if not before or (following and following[0] - began < 5):
        return 0.0
    return began - before[-1]


# SQLite ----------------------------------------------------------------------------------------


@fault("SQLite: web, worker and beat write")
def on_sqlite(lab: Lab):
    count = lab.some(300)
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.sqlite_writers", folder, str(count)],
            cwd=BASE_DIR,
            stdout=subprocess.PIPE,
            check=True,
        )
        found = json.loads(done.stdout.splitlines()[-1])
        size = (Path(folder) / "portal.sqlite3").stat().st_size
    wanted = count * len(sqlite_writers.WRITERS)
    return Outcome(
        injected=wanted,
        lost=wanted - found["kept"],
        wrong=found["locked"] + found["errors"],
        note=f"{found['locked']} times “locked”, {size // 1024} KiB",
    )
