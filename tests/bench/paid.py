"""What reading Cost Explorer costs: requests counted by the embedded AWS, against the least."""

import tempfile
from pathlib import Path
from unittest import mock

from django.utils import timezone

from billing.spending import refreshes, schedule
from portal import aws
from tests.bench import ground
from tests.bench.figures import Figure
from tests.factories import make_workspace
from tests.support.cloud import Cloud

REFRESHES = 5
DAYS = 31
PRICE = 0.01


def measure():
    with tempfile.TemporaryDirectory() as folder, ground.database():
        cloud = Cloud(Path(folder))
        try:
            cloud.wait()
            with mock.patch.dict("os.environ", AWS_ENDPOINT_URL=cloud.url):
                aws.client.cache_clear()
                return _judged(_refresh(cloud))
        finally:
            cloud.stop()


def _refresh(cloud):
    """Paid requests of the refreshes after the first, which reads fourteen months."""
    make_workspace()
    for turn in range(REFRESHES + 1):
        if turn == 1:
            cloud.forget()
        asked = refreshes.ask(now=timezone.now(), has_cool_down=False)
        refreshes.carry_out(asked.pk)
    return len(cloud.ledger(service="ce"))


def _judged(paid):
    a_refresh = paid / REFRESHES
    a_day = a_refresh * len(schedule.MOMENTS)
    return [
        Figure("paid requests a refresh, against the least", a_refresh, most=1.0),
        Figure("paid requests a day", a_day, most=3),
        Figure("dollars in a month of 31 days", round(a_day * DAYS * PRICE, 2), most=0.93),
    ]
