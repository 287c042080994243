"""500 members at once against the embedded AWS, which takes 20 requests a second."""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from unittest import mock

from django.db import connection

from onboarding.models import Member
from onboarding.setup import connection as company
from onboarding.team import provisioning
from portal import aws, jobs
from tests.bench import figures, ground, importing
from tests.bench.figures import Figure
from tests.support.cloud import Cloud

MEMBERS, RATE, THREADS = 500, 20, 8
LEAST_EACH = 2
"""CreateUser and CreateGroupMembership: no API makes several users at once."""


def measure():
    with tempfile.TemporaryDirectory() as folder, ground.database():
        cloud = Cloud(Path(folder))
        try:
            figures.say(f"{MEMBERS} members, {LEAST_EACH * MEMBERS // RATE} s at the very least")
            cloud.wait()
            with mock.patch.dict("os.environ", AWS_ENDPOINT_URL=cloud.url):
                aws.client.cache_clear()
                return _judged(_run(cloud))
        finally:
            cloud.stop()


def _run(cloud):
    """Every request that Identity Center got."""
    ground.founder()
    cloud.settle()
    company.connect(region="us-east-1")
    cloud.forget()
    cloud.control("POST", "limits", {"rate": RATE, "burst": RATE, "latency_ms": 50})
    with mock.patch.object(jobs, "ring"):
        importing._confirm(importing._draft(importing._lines(MEMBERS, "batch.example")))
        pks = list(Member.objects.filter(status=Member.Status.QUEUED).values_list("pk", flat=True))
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(_set_up, pks))
    return cloud.ledger(service="identitystore")


def _set_up(pk):
    """As the worker does it: again after the pause it asks for."""
    while (wait := provisioning.provision(pk)) is not None:
        time.sleep(wait)
    connection.close()


def _judged(entries):
    moments = sorted(datetime.fromisoformat(each["at"]) for each in entries)
    seconds = (moments[-1] - moments[0]).total_seconds()
    throttled = sum(each["error_code"] in {"ThrottlingException", "Throttling"} for each in entries)
    done = Member.objects.filter(status=Member.Status.INVITED).count()
    return [
        Figure("share of the limit used", round(len(entries) / seconds / RATE, 3), least=0.97),
        Figure("throttled", throttled, most=0),
        Figure("failed", MEMBERS - done, most=0),
        Figure(
            "requests for each new member, against the least",
            round(len(entries) / MEMBERS / LEAST_EACH, 3),
            most=1.02,
            note=f"{len(entries)} requests in {seconds:.1f} s",
        ),
    ]
