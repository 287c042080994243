"""Redis gone with all that it held, and Redis that takes connections and says nothing."""

import time
from collections import Counter
from dataclasses import replace

from onboarding.models import Member
from tests.faults import truth
from tests.faults.browser import Crowd
from tests.faults.lab import Lab
from tests.faults.outcome import fault

WAITS = 0.3
"""Seconds that a POST may take longer than before while Redis is away; told, not judged."""


@fault("Redis killed without persistence")
def killed(lab: Lab):
    def away(seconds):
        lab.queue.stop()
        time.sleep(seconds)
        lab.queue.start()

    return _without_queue(lab, away)


@fault("Redis hung")
def hung(lab: Lab):
    def away(seconds):
        lab.queue.hang()
        time.sleep(seconds)
        lab.queue.go_on()

    return _without_queue(lab, away)


def _without_queue(lab, away):
    """Founders add members by the page, before, while and after the queue is away."""
    lab.fresh()
    addresses, times = lab.addresses(lab.some(300, short=12)), 1 if lab.is_short else 3
    with lab.at_work(web=True):
        browser = lab.browser()
        lab.until(lambda: browser.get("/healthz").status == 200, seconds=60)
        browser.get("/team/")
        crowd = Crowd(lambda number: _add(browser, addresses, number), each_second=10, threads=2)
        spells = []
        for _ in range(times):
            _wait_for(crowd, len(spells) * len(addresses) // (times + 1) + 3)
            began = time.monotonic()
            away(2 if lab.is_short else 10)
            spells.append((began, time.monotonic()))
        _wait_for(crowd, len(addresses))
        answers = crowd.stop()
        back = time.monotonic()
        lab.settle()
        recovery = min(back, time.monotonic()) - spells[-1][1]
        recovery = max(0.0, time.monotonic() - max(spells[-1][1], answers[-1][1].at))
    return _judged(lab, addresses, answers, spells, recovery)


def _add(browser, addresses, number):
    """The next one; once all are sent, a look at the board."""
    if number >= len(addresses):
        return browser.get("/team/")
    who = {"email": addresses[number], "given_name": "Lab", "family_name": "Person"}
    return browser.post("/team/", **who, plan=_PLAN)


_PLAN = "pro-plus"


def _wait_for(crowd, count):
    deadline = time.monotonic() + 120
    while len(crowd.answers) < count and time.monotonic() < deadline:
        time.sleep(0.02)


def _judged(lab, addresses, answers, spells, recovery):
    failed = sum(not answer.is_good for _, answer in answers)
    missing = len(addresses) - Member.objects.filter(email__in=addresses).count()
    outcome = truth.judge(lab, addresses, injected=len(spells), recovery=recovery)
    posts = [answer for number, answer in answers if number < len(addresses)]
    away = [each.seconds for each in posts if _is_within(each, spells)] or [0.0]
    there = sorted(each.seconds for each in posts if not _is_within(each, spells)) or [0.0]
    note = (
        f"POST {1000 * there[len(there) // 2]:.0f} ms, without it {1000 * max(away):.0f} ms at most"
    )
    statuses = Counter(answer.status for _, answer in answers if not answer.is_good)
    note += f", {dict(statuses)}" if statuses else ""
    return replace(outcome, lost=outcome.lost + missing, wrong=outcome.wrong + failed, note=note)


def _is_within(answer, spells):
    return any(began <= answer.at - answer.seconds <= ended for began, ended in spells)
