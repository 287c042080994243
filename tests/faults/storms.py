"""AWS at its worst: throttled, broken, slow, silent, and answering what nobody hears."""

import contextlib
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import datetime

import boto3
from botocore.config import Config

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
    jobs.enqueue(Member, [pk for pk in keys for _ in range(3)])
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
    """The share that is used is of what the other tool leaves, from our first request to our last."""
    lab.fresh()
    addresses = lab.addresses(lab.some(1000, short=10))
    limit = _limited(lab)
    other = _OtherTool(lab, each_second=limit / 2)
    with lab.at_work(IDENTITY_CENTER_RATE=0.975 * limit):
        lab.add(addresses)
        lab.settle()
    other.stop()
    failed = Member.objects.filter(status=Member.Status.FAILED).count()
    used, seconds, theirs = _shares(lab.cloud.ledger(service="identitystore"))
    note = f"{used / (seconds * limit - theirs):.2f} of what remains used in {seconds:.0f} s"
    outcome = truth.judge(lab, addresses, injected=theirs)
    return replace(outcome, wrong=outcome.wrong + failed, note=note)


def _shares(entries):
    """Our requests that AWS took, the seconds from the first to the last, and the other's of then."""
    taken = [entry for entry in entries if entry["error_code"] != "ThrottlingException"]
    moments = {True: [], False: []}
    for entry in taken:
        is_ours = entry["operation"] != _OtherTool.OPERATION
        moments[is_ours].append(datetime.fromisoformat(entry["at"]))
    first, last = min(moments[True]), max(moments[True])
    theirs = sum(first <= moment <= last for moment in moments[False])
    return len(moments[True]), (last - first).total_seconds(), theirs


class _OtherTool:
    """Asks by the clock, and does not ask again for what is refused."""

    OPERATION = "ListGroups"

    def __init__(self, lab, *, each_second):
        self._ends, self._store = threading.Event(), Workspace.load().identity_store_id
        self._client = boto3.client(
            "identitystore",
            endpoint_url=lab.cloud.url,
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}),
        )
        self._thread = threading.Thread(target=self._ask, args=[1 / each_second], daemon=True)
        self._thread.start()

    def _ask(self, pause):
        at = time.monotonic()
        while not self._ends.wait(max(0.0, at - time.monotonic())):
            at += pause
            with contextlib.suppress(self._client.exceptions.ThrottlingException):
                self._client.list_groups(IdentityStoreId=self._store)

    def stop(self):
        self._ends.set()
        self._thread.join()


@fault("5xx, resets, slow answers, none at all")
def broken(lab: Lab):
    lab.fresh()
    addresses, seconds = lab.addresses(lab.some(1000, short=10)), lab.some(60, short=3)
    trouble, delay = {"service": "identitystore", "seconds": seconds}, 12 if lab.is_short else 30
    with lab.at_work():
        lab.cloud.fault(kind="slow", delay=delay, share=0.1 * lab.scale, **trouble)
        lab.cloud.fault(kind="error", share=0.3, **trouble)
        lab.cloud.fault(kind="reset", share=0.05, **trouble)
        lab.cloud.fault(kind="drop", share=0.05, **trouble)
        ends = time.monotonic() + seconds
        lab.add(addresses)
        time.sleep(max(0.0, ends - time.monotonic()))
        recovery = lab.mend(since=ends)
        lab.settle()
        clicked = _try_again()
        lab.settle()
        time.sleep(max(0.0, ends + delay - time.monotonic()))  # what is late comes now, not later
    injected = sum(_count(lab, kind) for kind in ("slow", "error", "reset", "drop"))
    note = f"{clicked} set aside after five errors, and done after a click" if clicked else ""
    return truth.judge(lab, addresses, injected=injected, recovery=recovery, note=note)


def _try_again():
    """A founder's click for each row that is set aside; how many those were."""
    rows = list(Member.objects.filter(is_quarantined=True))
    for row in rows:
        jobs.retry_now(row)
        jobs.enqueue(Member, [row.pk])
    return len(rows)


@fault("applied, but the answer is lost")
def unheard(lab: Lab):
    lab.fresh()
    addresses = lab.addresses(lab.some(1000, short=40))  # of ten none may be met
    lab.cloud.fault(kind="drop", operation="CreateUser", share=0.2)
    with lab.at_work():
        lab.add(addresses)
        lab.settle()
    failed = Member.objects.filter(status=Member.Status.FAILED).count()
    outcome = truth.judge(lab, addresses, injected=_count(lab, "drop"))
    return replace(outcome, wrong=outcome.wrong + failed)


def _count(lab, kind):
    return sum(entry["fault"] == kind for entry in lab.cloud.ledger())
