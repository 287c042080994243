"""Whoever asks at the same moment, one paid request is made."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from billing.models import CostLine, Refresh
from billing.spending import refreshes
from billing.tasks import refresh_spend
from portal import jobs
from tests.factories import make_founder, make_workspace

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def quiet_bell(monkeypatch):
    monkeypatch.setattr(jobs, "enqueue", lambda model, pks: len(pks))


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


def press(founder):
    browser = Client()
    browser.force_login(founder)
    return lambda: browser.post("/spend/refresh/").status_code


def work():
    for refresh in Refresh.objects.under_way():
        refreshes.carry_out(refresh.pk)


@pytest.fixture
def founder(transactional_db):
    make_workspace()
    return make_founder()


def test_twenty_clicks_two_beats_and_ten_workers_pay_once(source, founder):
    source.has("2026-11-01", "40")

    answers = at_once(
        *[press(founder) for _ in range(20)], refresh_spend, refresh_spend, *[work] * 10
    )
    work()

    assert answers[:20] == [302] * 20
    assert len(source.asked) == 1
    assert Refresh.objects.get().requests == 1
    assert CostLine.objects.count() == 1


def test_ten_workers_with_the_same_message_pay_once(source, founder):
    source.has("2026-11-01", "40")
    asked = refreshes.ask(now=timezone.now())

    at_once(*[lambda: refreshes.carry_out(asked.pk)] * 10)

    assert len(source.asked) == 1


def test_whoever_asks_waits_until_the_one_before_is_settled(founder, monkeypatch):
    checked = []

    def check_slowly(**_):
        checked.append(1)
        time.sleep(0.3)

    monkeypatch.setattr(refreshes, "_check_allowed", check_slowly)
    first, second = at_once(*[lambda: refreshes.ask(now=timezone.now()).pk] * 2)

    assert first == second
    assert len(checked) == 1
