"""The status page: what is silent, what waits, who may look."""

import pytest

from portal import jobs
from portal.models import JobRun
from tests.factories import make_founder, make_queued

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client):
    client.force_login(make_founder())

    def look():
        return client.get("/status/").content.decode()

    return look


def test_all_well(page):
    JobRun.note("worker")
    JobRun.note("beat")

    assert "All parts are at work." in page()


def test_a_silent_part_is_named(page):
    JobRun.note("beat")

    assert "Silent" in page()


def test_what_waits_is_counted(page):
    make_queued()

    assert "1 due" in page()


def test_refused_credentials_are_said(page):
    jobs.pause_all("GetUserId: The security token is expired")

    assert "The security token is expired" in page()
