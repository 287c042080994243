"""500 members at once against the embedded AWS, which takes 20 requests a second.

What counts begins when the members have been confirmed and the worker may begin, and ends with the
last answer. That the list was compared with Identity Center before, for the preview, counts as a
request and not as time: a person looks at the preview in between.
"""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

from django.db import connection

from onboarding.models import Member
from onboarding.setup import connection as company
from onboarding.team import provisioning
from portal import aws, jobs, pacing
from portal.supervisor.celery import THREADS
from tests.bench import figures, ground, importing
from tests.bench.figures import Figure
from tests.support.cloud import Cloud

MEMBERS, RATE = 500, 20
LATENCIES = (50, 200, 400)
"""Milliseconds that AWS takes to answer: near, across a continent, around the world."""
LEAST_EACH = 2
"""CreateUser and CreateGroupMembership: no API makes several users at once."""


def measure():
    return [figure for latency in LATENCIES for figure in _measured(latency)]


def _measured(latency):
    with tempfile.TemporaryDirectory() as folder, ground.database():
        cloud = Cloud(Path(folder))
        try:
            least = LEAST_EACH * MEMBERS // RATE
            figures.say(
                f"{MEMBERS} members, answers after {latency} ms, {least} s at the very least"
            )
            cloud.wait()
            with mock.patch.dict("os.environ", AWS_ENDPOINT_URL=cloud.url):
                aws.client.cache_clear()
                return _judged(latency, *_run(cloud, latency))
        finally:
            cloud.stop()


def _run(cloud, latency):
    """When the worker might begin, and every request that Identity Center got."""
    ground.founder()
    cloud.settle()
    company.connect(region="us-east-1")
    cloud.forget()
    cloud.control("POST", "limits", {"rate": RATE, "burst": RATE, "latency_ms": latency})
    pacing._redis().delete(pacing.KEY, pacing.TURNS)
    with mock.patch.object(jobs, "enqueue"):
        importing._confirm(importing._draft(importing._lines(MEMBERS, "batch.example")))
        pks = list(Member.objects.filter(status=Member.Status.QUEUED).values_list("pk", flat=True))
        began = datetime.now(UTC)
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(_set_up, pks))
    return began, cloud.ledger(service="identitystore")


def _set_up(pk):
    """As the worker does it: again after the pause it asks for."""
    while (wait := provisioning.provision(pk)) is not None:
        time.sleep(wait)
    connection.close()


def _judged(latency, began, entries):
    moments = [datetime.fromisoformat(each["at"]) for each in entries]
    after = [moment for moment in moments if moment > began]
    seconds = (max(after) - began).total_seconds()
    share = round(len(after) / seconds / RATE, 3)
    throttled = sum(each["error_code"] in {"ThrottlingException", "Throttling"} for each in entries)
    done = Member.objects.filter(status=Member.Status.INVITED).count()
    return [
        Figure(f"answers after {latency} ms: share of the limit used", share, least=0.97),
        Figure("throttled", throttled, most=0),
        Figure("failed", MEMBERS - done, most=0),
        Figure(
            "requests for each new member, against the least",
            round(len(entries) / MEMBERS / LEAST_EACH, 3),
            most=1.02,
            note=f"{len(after)} requests in {seconds:.1f} s",
        ),
    ]
