"""`python -m tests.faults.start worker …`: the part as it is, with the settings of this life.

Forked from a process whose settings stand already, so what differs from life to life is set here;
in the short form sweeps and second attempts come sooner, or it would mostly wait.
"""

import json
import os
import random
import sys
from pathlib import Path

from django.conf import settings

from portal import celery as signs
from portal import crash_points, jobs, lease_holders, pacing
from portal.celery import app
from portal.mailing import notices
from portal.supervisor import celery as parts
from portal.webhooks import deliveries
from tests.support import surroundings

orders = json.loads(os.environ["FAULTS"])
surroundings.settle_files()
for name, value in orders["settings"].items():
    setattr(settings, name, value)
settings.CRASH_AT = os.environ["CRASH_AT"]
crash_points._shares.cache_clear()
random.seed(os.environ["FAULTS_DICE"])
pacing.FASTEST = settings.IDENTITY_CENTER_RATE
pacing._Alone.RATE = pacing.FASTEST / 4
notices.DOUBTFUL_PAUSE = 5.0
deliveries.PAUSES = (1, 2, 4, 8, 8, 8, 8)
if orders["apart"]:
    lease_holders.folder = lambda: Path(orders["folder"]) / f"machine-{os.getpid()}"
if orders["is_short"]:
    jobs.BACKOFF = (0.5, 1.0, 2.0, 4.0, 4.0)
    signs.HEARTBEAT_EVERY = 1.0
    app.conf.beat_schedule["sweep"]["schedule"] = 1.0
    app.conf.beat_schedule["beat-heartbeat"]["schedule"] = 1.0

part, *words = sys.argv[1:]
if part == "web":
    from gunicorn.app.wsgiapp import run

    sys.argv = ["gunicorn", "-c", "python:portal.supervisor.web", "portal.wsgi:application"]
    run()
else:
    sys.exit(parts.main(part, *words))
