"""The status page: what is silent, what waits, who may look."""

import pytest
from django.utils import timezone

import portal
from portal import jobs
from portal.models import JobRun, Notice
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


def test_every_job_of_the_schedule_is_listed(page, settings):
    from portal.watch import clockwork

    said = page()

    assert all(clockwork.LABELS[key] in said for key in settings.CELERY_BEAT_SCHEDULE)


def test_how_a_job_ended_and_when_it_runs_next(page):
    JobRun.note("reconcile_directory", error="ListUsers: the token is expired")

    said = page()

    assert "ListUsers: the token is expired" in said
    assert "in " in said


def test_the_last_refusal_of_aws_is_kept(page):
    JobRun.note("aws")
    JobRun.note("aws-refused", error="GetCredits: AccessDenied")

    assert "GetCredits: AccessDenied" in page()


def test_mail_that_is_not_taken_is_said_with_its_reason(page):
    Notice.objects.create(
        kind="invitation",
        key="x",
        to="a@example.com",
        failures=4,
        last_error="Connection refused",
        next_try_at=timezone.now(),
    )

    assert "Connection refused" in page()


def test_version_disk_and_migrations_are_told(page):
    said = page()

    assert f"Version {portal.VERSION}" in said
    assert "free" in said
    assert "All run" in said
