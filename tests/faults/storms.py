"""AWS at its worst: throttled, broken, slow, silent, and answering what nobody hears."""

import threading
import time
from collections import Counter
from dataclasses import replace

from onboarding.models import Member
from portal import jobs
from portal.models import Workspace
from tests.faults import truth
from tests.faults.lab import Lab
from tests.faults.outcome import fault

LIMIT = 20
"""Requests a second that AWS allows for Identity Center."""


@fault("same task three times, two workers")
def delivered_thrice(lab: Lab):
    lab.fresh()
    addresses = lab.addresses(lab.some(1000, short=10))
    lab.add(addresses)
    lab.cloud.control("POST", "limits", {"latency_ms": 20})
    keys = Member.objects.order_by("pk").values_list("pk", flat=True)
    lab.empty_queue()  # side by side, so that workers meet at the same row
    jobs.ring(Member, [pk for pk in keys for _ in range(3)])
    with lab.at_work(workers=2):
        lab.settle()
    asked, _ = truth.creates(lab)
    conflicts = sum(
        entry["error_code"] == "ConflictException"
        for entry in lab.cloud.ledger(service="identitystore")
    )
    outcome = truth.judge(lab, addresses, injected=2 * len(addresses))
    extra = asked - len(addresses) + conflicts
    return replace(outcome, twice=outcome.twice + extra, note=f"{asked} CreateUser")


@fault("one row always fails")
def poison(lab: Lab):
    lab.fresh()
    addresses = lab.addresses(lab.some(1000, short=10))
    bad = addresses[len(addresses) // 2]
    lab.cloud.fault(kind="error", operation="CreateUser", match=f'"{bad}"')
    lab.add(addresses)
    with lab.at_work():
        lab.until(lambda: Member.objects.filter(is_quarantined=True).exists(), seconds=300)
        lab.settle()
    row = Member.objects.get(email=bad)
    asked = lab.cloud.ledger(service="identitystore", operation="CreateUser")
    tries = Counter(entry["parameters"].get("UserName") for entry in asked)[bad]
    outcome = truth.judge(lab, [each for each in addresses if each != bad], injected=1)
    is_shown = row.is_quarantined and row.last_error
    note = f"quarantined after {row.failures} attempts, {tries} requests"
    return replace(outcome, wrong=outcome.wrong + (not is_shown), note=note)


def _limited(lab):
    """As AWS limits Identity Center; in the short form at five times that pace."""
    limit = LIMIT * (5 if lab.is_short else 1)
    lab.cloud.control("POST", "limits", {"rate": limit, "burst": limit})
    return limit


@fault("70% throttled for 60 s")
def throttled(lab: Lab):
    lab.fresh()
    addresses = lab.addresses(lab.some(1000, short=10))
    with lab.at_work(IDENTITY_CENTER_RATE=0.975 * _limited(lab)):
        seconds = lab.some(60, short=3)
        lab.cloud.fault(kind="throttle", service="identitystore", share=0.7, seconds=seconds)
        lab.add(addresses)
        took = lab.settle()
    failed = Member.objects.filter(status=Member.Status.FAILED).count()
    outcome = truth.judge(lab, addresses, injected=_count(lab, "throttle"))
    return replace(outcome, wrong=outcome.wrong + failed, note=f"{took:.0f} s in all")


@fault("another tool takes 10 of the 20/s")
def crowded(lab: Lab):
    """The share that is used is of what the other tool leaves, while there is work to do."""
    lab.fresh()
    addresses = lab.addresses(lab.some(1000, short=10))
    limit = _limited(lab)
    other = _OtherTool(lab, each_second=limit / 2)
    with lab.at_work(IDENTITY_CENTER_RATE=0.975 * limit):
        lab.add(addresses)
        took = lab.settle()
    other.stop()
    entries = lab.cloud.ledger(service="identitystore")
    got = sum(entry["status"] == 200 and entry["operation"] != "ListGroups" for entry in entries)
    left = took * limit - other.got
    note = f"{got / left:.2f} of what remains used in {took:.0f} s"
    return replace(truth.judge(lab, addresses, injected=other.got), note=note)


class _OtherTool:
    def __init__(self, lab, *, each_second):
        self.got, self._ends = 0, threading.Event()
        self._client = lab.cloud.client("identitystore")
        self._store = Workspace.load().identity_store_id
        self._thread = threading.Thread(target=self._ask, args=[1 / each_second], daemon=True)
        self._thread.start()

    def _ask(self, pause):
        while not self._ends.wait(pause):
            try:
                self._client.list_groups(IdentityStoreId=self._store)
                self.got += 1
            except self._client.exceptions.ThrottlingException:
                continue

    def stop(self):
        self._ends.set()
        self._thread.join()


@fault("5xx, resets, slow answers, none at all")
def broken(lab: Lab):
    lab.fresh()
    addresses, seconds = lab.addresses(lab.some(1000, short=10)), lab.some(60, short=3)
    trouble = {"service": "identitystore", "seconds": seconds}
    with lab.at_work():
        lab.cloud.fault(kind="slow", delay=30, share=0.1 * lab.scale, **trouble)
        lab.cloud.fault(kind="error", share=0.3, **trouble)
        lab.cloud.fault(kind="reset", share=0.05, **trouble)
        lab.cloud.fault(kind="drop", share=0.05, **trouble)
        began = time.monotonic()
        lab.add(addresses)
        lab.settle()
    recovery = max(0.0, time.monotonic() - began - seconds)
    injected = sum(_count(lab, kind) for kind in ("slow", "error", "reset", "drop"))
    return truth.judge(lab, addresses, injected=injected, recovery=recovery)


@fault("applied, but the answer is lost")
def unheard(lab: Lab):
    lab.fresh()
    addresses = lab.addresses(lab.some(1000, short=10))
    lab.cloud.fault(kind="drop", operation="CreateUser", share=0.2)
    with lab.at_work():
        lab.add(addresses)
        lab.settle()
    failed = Member.objects.filter(status=Member.Status.FAILED).count()
    outcome = truth.judge(lab, addresses, injected=_count(lab, "drop"))
    return replace(outcome, wrong=outcome.wrong + failed)


def _count(lab, kind):
    return sum(entry["fault"] == kind for entry in lab.cloud.ledger())
