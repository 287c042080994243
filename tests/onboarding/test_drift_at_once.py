"""Whoever asks at the same moment, Identity Center is read once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from onboarding.drift import directory_checks, directory_reading
from onboarding.drift.reconciliation import Listing
from onboarding.models import DirectoryCheck
from onboarding.tasks import reconcile_directory
from portal import jobs
from tests.factories import make_founder, make_workspace

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def at_once(*jobs_to_do):
    """Run all of them from the same moment on, each with a connection of its own."""
    start = threading.Barrier(len(jobs_to_do))

    def run(job):
        try:
            start.wait(60)
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs_to_do)) as pool:
        return [future.result() for future in [pool.submit(run, job) for job in jobs_to_do]]


def test_ten_clicks_and_two_beats_read_once(transactional_db, monkeypatch):
    make_workspace()
    founder, read = make_founder(), []

    def listing(_directory, _keep):
        read.append(1)
        return Listing((), {})

    def click():
        now = timezone.now()
        made = directory_checks.ask(now=now, by=founder, unless_within=directory_checks.TWO_BEATS)
        reconcile_directory(made.pk)

    monkeypatch.setattr(directory_reading, "_listing", listing)
    monkeypatch.setattr(jobs, "enqueue", lambda model, pks, **_: len(pks))
    at_once(*[click] * 10, *[reconcile_directory] * 2)

    assert len(read) == 1
    assert DirectoryCheck.objects.get().outcome == "done"
