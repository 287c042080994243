"""kill -9 of a real worker: at named points between two steps, at random, and a friendly SIGTERM."""

import signal
import time
from dataclasses import replace

from portal import crash_points
from tests.faults import truth
from tests.faults.browser import Crowd
from tests.faults.lab import Lab
from tests.faults.outcome import fault, together

SEEDS = 5


@fault("kill -9 at each crash point")
def at_each_crash_point(lab: Lab):
    """Dice are thrown at every pass, and fall until the kills are used up."""
    runs = 1 if lab.is_short else SEEDS
    outcome = together(_at_each_crash_point(lab) for _ in range(runs))
    return replace(outcome, note=f"{outcome.note}, {runs} seeds" if runs > 1 else outcome.note)


def _at_each_crash_point(lab):
    lab.fresh()
    addresses, kills = lab.addresses(lab.some(1000, short=12)), lab.some(100, short=8)
    share = 0.15 if lab.is_short else 0.03  # or a small load may come through without a kill
    crash = ",".join(f"{name}={share}" for name in crash_points.NAMES)
    with lab.at_work(crash=crash, kills=kills) as keeper:
        lab.add(addresses)
        lab.settle()
        recovery, died = keeper.recovery(), len(keeper.deaths)
    asked, _ = truth.creates(lab)
    outcome = truth.judge(lab, addresses, injected=died, recovery=recovery, spare_letters=died)
    too_many = max(0, asked - len(addresses) - died)
    note = f"{asked} CreateUser for {len(addresses)} members"
    return replace(outcome, wrong=outcome.wrong + too_many, note=note)


@fault("kill -9 at random")
def at_random(lab: Lab):
    lab.fresh()
    addresses, kills = lab.addresses(lab.some(1000, short=10)), lab.some(50, short=3)
    lab.cloud.control("POST", "limits", {"latency_ms": 20})  # or all is done before the last kill
    with lab.at_work(apart=not lab.is_short) as keeper:
        lab.add(addresses)
        for _ in range(kills):
            time.sleep(lab.dice.uniform(0.0, 0.5))
            keeper.kill_one()
        lab.settle()
        recovery, died = keeper.recovery(), len(keeper.deaths)
    # Each of the worker's threads may have had a letter in its hands.
    return truth.judge(lab, addresses, injected=died, recovery=recovery, spare_letters=8 * died)


@fault("SIGTERM in mid-batch, as a deploy does")
def at_deploys(lab: Lab):
    """What was begun is brought to its end first; pages are looked at all the while."""
    lab.fresh()
    addresses = lab.addresses(lab.some(1000, short=10))
    lab.cloud.control("POST", "limits", {"latency_ms": 20})
    with lab.at_work(web=True) as keeper:
        browser = lab.browser()
        lab.until(lambda: browser.get("/healthz").status == 200, seconds=60)
        crowd = Crowd(lambda _: browser.get("/team/"), each_second=5, threads=1)
        lab.add(addresses)
        for _ in range(lab.some(20)):
            time.sleep(lab.dice.uniform(0.0, 0.5))
            keeper.kill_one(signal.SIGTERM)
        lab.settle()
        recovery, ended = keeper.recovery(), len(keeper.deaths)
        answers = crowd.stop()
    failed = sum(answer.status != 200 for _, answer in answers)
    outcome = truth.judge(lab, addresses, injected=ended, recovery=recovery)
    note = f"{failed} of {len(answers)} pages failed"
    return replace(outcome, wrong=outcome.wrong + failed, note=note)
