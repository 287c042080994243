"""What billing reads as soon as AWS is connected; `register` makes onboarding ask for it."""

from contextlib import suppress
from datetime import datetime

from billing.credit import readings
from billing.spending import refreshes
from onboarding.setup import first_looks
from portal import jobs


def register() -> None:
    first_looks.register(spend)
    first_looks.register(credit_grants)


def spend(now: datetime) -> None:
    with suppress(refreshes.NotNow):  # asked for a moment ago, or the day's limit is reached
        jobs.enqueue_on_commit(refreshes.ask(now=now))


def credit_grants(_now: datetime) -> None:
    jobs.enqueue_on_commit(readings.ask())
