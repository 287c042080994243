"""`python -m tests.faults.soak [--minutes 10] [--seed N]`, which is `make soak`.

Mixed work of a portal's whole day, pressed into minutes, with all faults at random; then quiet, and
the reckoning: what is lost, what is there twice, and how much memory the parts have grown.
"""

from tests.support import surroundings

surroundings.prepare()

import django  # noqa: E402  # the settings have to stand

django.setup()

import argparse  # noqa: E402
import contextlib  # noqa: E402
import logging  # noqa: E402
import os  # noqa: E402
import random  # noqa: E402
import signal  # noqa: E402
import statistics  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from collections import Counter  # noqa: E402
from pathlib import Path  # noqa: E402

from django.core.management import call_command  # noqa: E402
from django.db import DatabaseError, InterfaceError, connection  # noqa: E402
from django.forms.models import model_to_dict  # noqa: E402
from django.utils import timezone  # noqa: E402

from billing.models import Refresh  # noqa: E402
from billing.spending import refreshes  # noqa: E402
from onboarding.importing import imports  # noqa: E402
from onboarding.models import Member, Plan  # noqa: E402
from onboarding.team import holding, members, offboarding  # noqa: E402
from portal import jobs  # noqa: E402
from portal.models import AuditEvent, Notice  # noqa: E402
from tests.faults import truth  # noqa: E402
from tests.faults.batches import draft  # noqa: E402
from tests.faults.browser import Crowd  # noqa: E402
from tests.faults.lab import Lab, is_settled  # noqa: E402

WARM_UP, LAST = 0.3, 0.2
"""Shares of the time: memory is compared from after the first, over the last."""
MOST = 1500
"""Members on the team, or the portal would grow for a better reason than a leak."""
PAGES = ("/", "/team/", "/spend/", "/status/", "/activity/", "/team/import/")
SPARED = 1
"""The number of the worker that nobody kills: its memory is looked at."""


class Soak:
    def __init__(self, lab, keeper):
        self.lab, self.keeper, self.dice = lab, keeper, lab.dice
        self.done, self.faults, self.memory = Counter(), Counter(), []
        self._made = 0

    def run(self, seconds):
        began = time.monotonic()
        ends, next_fault, next_look = began + seconds, began + 5, began
        while (now := time.monotonic()) < ends:
            if now >= next_look:
                self.memory.append((now - began, self._memory()))
                next_look = now + max(1.0, seconds / 120)
            if now >= next_fault:
                self._one_of(self._FAULTS, self.faults)
                next_fault = now + self.dice.uniform(2, 8)
            self._one_of(self._WORK, self.done)
            time.sleep(self.dice.uniform(0.0, 0.3))
        self.lab.cloud.control("DELETE", "faults")

    def _one_of(self, table, counts):
        """A database that is away at this moment is a founder who tries again later."""
        name = self.dice.choice(table)
        try:
            getattr(self, name)()
            counts[name.strip("_")] += 1
        except (DatabaseError, InterfaceError):
            connection.close()
            counts["database away"] += 1

    def _memory(self):
        """MiB of web's and the spared worker's processes (PSS)."""
        parts = self.keeper.parts()
        pids = [parts["workers"][SPARED], *_children(parts["others"][-1])]
        return sum(map(_pss, pids))

    # Work ----------------------------------------------------------------------------------

    def _add(self):
        if Member.objects.count() < MOST:
            self.lab.add(self._new(self.dice.randrange(1, 5)))

    def _import(self):
        if Member.objects.count() < MOST:
            batch = draft(self.lab, self._new(self.dice.randrange(5, 40)))
            with contextlib.suppress(imports.NothingToImport):
                imports.confirm(batch, actor=self.lab.founder)

    def _new(self, count):
        first, self._made = self._made, self._made + count
        return [f"soak{n}-{self.lab.seed}@lab.example" for n in range(first, self._made)]

    def _change_plan(self):
        member = self._somebody()
        if member:
            plan = self.dice.choice(list(Plan.objects.all()))
            with contextlib.suppress(holding.HasLeft):
                members.change_plan(member, plan, actor=self.lab.founder)

    def _offboard(self):
        member = self._somebody()
        if member:
            delete = self.dice.random() < 0.5
            with contextlib.suppress(offboarding.CannotOffboard):
                offboarding.offboard(
                    member,
                    actor=self.lab.founder,
                    delete_user=delete,
                    typed_name=member.full_name,
                )

    def _somebody(self):
        there = list(Member.objects.on_team().values_list("pk", flat=True))
        return Member.objects.get(pk=self.dice.choice(there)) if there else None

    def _refresh(self):
        with contextlib.suppress(refreshes.NotNow):
            asked = refreshes.ask(now=timezone.now(), has_cool_down=False)
            jobs.enqueue(Refresh, [asked.pk])

    _WORK = ("_add", "_add", "_add", "_import", "_change_plan", "_offboard", "_refresh")

    # Faults --------------------------------------------------------------------------------

    def _kill(self):
        self._signal(signal.SIGKILL)

    def _term(self):
        self._signal(signal.SIGTERM)

    def _signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.keeper.parts()["workers"][0], number)

    def _throttle(self):
        self._at_aws(kind="throttle", share=0.7)

    def _break(self):
        self._at_aws(kind="error", share=0.3)

    def _reset(self):
        self._at_aws(kind="reset", share=0.2)

    def _unheard(self):
        self._at_aws(kind="drop", share=0.2)

    def _slow(self):
        self._at_aws(kind="slow", share=0.1, delay=12)

    def _at_aws(self, **fault):
        self.lab.cloud.fault(service="identitystore", seconds=self.dice.uniform(1, 6), **fault)

    def _empty_queue(self):
        self.lab.queue.stop()
        time.sleep(self.dice.uniform(0.1, 1))
        self.lab.queue.start()

    def _hang_queue(self):
        self.lab.queue.hang()
        time.sleep(self.dice.uniform(0.1, 1))
        self.lab.queue.go_on()

    def _cut_connections(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )

    def _restart_database(self):
        connection.close()
        self.lab.database.crash()
        self.lab.database.serve()

    _FAULTS = (
        *("_kill", "_kill", "_term", "_throttle", "_break", "_reset", "_unheard", "_slow"),
        *("_empty_queue", "_hang_queue", "_cut_connections", "_restart_database"),
    )


def reckon(lab):
    """{what: how many}: everybody on the team has one user and one seat, whoever left has none."""
    lab.cloud.calm()
    (users, seats), found = truth.everything(lab), Counter(lost=0, twice=0, wrong=0)
    names = Counter(user["UserName"].casefold() for user in users.values())
    seated = Counter(user_id for _, user_id in seats)
    mailed = truth.letters()
    for member in Member.objects.select_related("plan"):
        if member.last_error:
            found["shown with a reason"] += 1
        elif member.is_on_team:
            has_right_seat = (member.plan.seat_group_id, member.directory_user_id) in seats
            is_lost = not (has_right_seat and mailed[member.email])
            is_twice = names[member.email] > 1 or seated[member.directory_user_id] > 1
            found["lost"] += is_lost
            found["twice"] += is_twice
            if is_twice or is_lost:
                _tell_of(member)
        else:
            found["wrong"] += bool(seated[member.directory_user_id])
    paid = len(lab.cloud.ledger(service="ce"))
    found["paid requests not on record"] = max(
        0, paid - sum(Refresh.objects.values_list("requests", flat=True))
    )
    return found


def _tell_of(member):
    """All that the portal knows of a member that is not as promised."""
    print(f"not as promised: {model_to_dict(member)}")
    for event in AuditEvent.objects.filter(subject=f"member:{member.pk}").order_by("pk"):
        print(f"    {event.at:%H:%M:%S.%f} {event.action} {event.detail}")
    for notice in Notice.objects.filter(to=member.email):
        print(f"    {model_to_dict(notice)}")


def growth(memory, seconds):
    """MiB after warm-up and at the end, medians of many looks."""
    warm = [mib for at, mib in memory if WARM_UP * seconds < at < (WARM_UP + LAST) * seconds]
    last = [mib for at, mib in memory if at > (1 - LAST) * seconds]
    return statistics.median(warm or [0.0]), statistics.median(last or [0.0])


def _children(pid):
    with contextlib.suppress(OSError):
        path = Path(f"/proc/{pid}/task/{pid}/children")
        return [pid, *map(int, path.read_text().split())]
    return []


def _pss(pid):
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def main(words):
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    chosen = parser.parse_args(words)
    os.environ["LOG_LEVEL"] = "WARNING"
    logging.getLogger().setLevel(logging.ERROR)
    call_command("migrate", verbosity=0)
    print(f"seed {chosen.seed}, {chosen.minutes:g} minutes", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(Path(folder), scale=1, seed=chosen.seed)
        try:
            return _soak(lab, chosen.minutes * 60)
        finally:
            lab.close()


def _soak(lab, seconds):
    lab.fresh()
    with lab.at_work(workers=2, web=True, COST_EXPLORER_DAILY_LIMIT=100_000) as keeper:
        browser, soak = lab.browser(), Soak(lab, keeper)
        crowd = Crowd(
            lambda number: browser.get(PAGES[number % len(PAGES)]), each_second=5, threads=2
        )
        soak.run(seconds)
        answers = crowd.stop()
        has_settled = lab.until(is_settled)
        deaths = len(keeper.deaths)
    found = reckon(lab)
    found["lost"] += not has_settled
    return _tell(soak, answers, deaths, found, growth(soak.memory, seconds))


def _tell(soak, answers, deaths, found, memory):
    failed = Counter(answer.status for _, answer in answers if answer.status != 200)
    warm, last = memory
    grown = 100 * (last - warm) / warm if warm else 0.0
    print("work     ", ", ".join(f"{count} {name}" for name, count in sorted(soak.done.items())))
    print("faults   ", ", ".join(f"{count} {name}" for name, count in sorted(soak.faults.items())))
    print(f"           {deaths} workers ended and were started again")
    print(f"pages     {len(answers)} looked at, failed {dict(failed)}")
    print(f"members   {Member.objects.count()}")
    print(f"memory    {warm:.1f} MiB after warm-up, {last:.1f} MiB at the end: {grown:+.1f}%")
    for name, count in found.items():
        print(f"{name:<9} {count}")
    is_good = not any(found[name] for name in found if name != "shown with a reason")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
