"""`/metrics`: for Prometheus alone, in its format, out of the database."""

import re

import pytest

from portal.models import JobRun
from tests.factories import make_founder, make_member, make_queued

pytestmark = pytest.mark.django_db
LINE = re.compile(r'portal_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.e+-]+')


@pytest.fixture
def scrape(client, settings):
    settings.METRICS_TOKEN = "let-me-in"

    def ask(token=settings.METRICS_TOKEN):
        return client.get("/metrics", headers={"Authorization": f"Bearer {token}"})

    return ask


def samples(response):
    lines = [line for line in response.content.decode().splitlines() if not line.startswith("#")]
    return dict(line.rsplit(" ", 1) for line in lines)


def test_every_line_is_in_the_format_that_prometheus_reads(scrape):
    make_queued()
    JobRun.note("sweep")

    lines = scrape().content.decode().splitlines()

    assert all(
        line.startswith(("# HELP portal_", "# TYPE portal_")) or LINE.fullmatch(line)
        for line in lines
    )
    assert scrape().headers["Content-Type"].startswith("text/plain; version=0.0.4")


def test_what_waits_and_who_is_where_is_counted(scrape):
    make_queued()
    make_member()

    found = samples(scrape())

    assert found['portal_jobs_waiting{kind="member"}'] == "1"
    assert float(found['portal_jobs_oldest_seconds{kind="member"}']) >= 0
    assert found['portal_members{state="queued"}'] == "1"
    assert found['portal_members{state="invited"}'] == "1"


def test_how_jobs_ended_is_told(scrape):
    JobRun.note("sweep")
    JobRun.note("reconcile_directory", error="ListUsers: no")

    found = samples(scrape())

    assert found['portal_job_last_run_success{job="sweep"}'] == "1"
    assert found['portal_job_last_run_success{job="reconcile-directory"}'] == "0"


@pytest.mark.parametrize("token", ["", "wrong", "let-me-i", "é"])
def test_a_wrong_token_finds_nothing(scrape, token):
    assert scrape(token).status_code == 404


def test_without_a_token_of_ours_nobody_gets_in(client, settings):
    settings.METRICS_TOKEN = ""
    client.force_login(make_founder())

    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
