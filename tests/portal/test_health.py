"""`/healthz`: the truth about the parts, for machines."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.models import JobRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def all_alive():
    JobRun.note("worker")
    JobRun.note("beat")


def test_all_alive_is_ok(client, all_alive):
    response = client.get("/healthz")

    assert response.json() == {
        "status": "ok",
        "checks": {"database": "ok", "broker": "ok", "worker": "ok", "beat": "ok"},
    }


@pytest.mark.parametrize("part", ["worker", "beat"])
def test_a_silent_part_is_down_and_pages_still_work(client, all_alive, part):
    JobRun.objects.filter(name=part).update(last_run_at=timezone.now() - timedelta(minutes=1))

    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["checks"][part] == "down"


def test_a_dead_broker_shows(client, all_alive, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"

    assert client.get("/healthz").json()["checks"]["broker"] == "down"


def test_no_database_is_503(client, monkeypatch):
    monkeypatch.setattr("portal.watch.health._database", lambda: "down")

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json()["status"] == "down"
