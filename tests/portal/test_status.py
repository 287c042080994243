"""The status page: what is silent, what waits, who may look."""

import pytest
from django.utils import timezone

import portal
from billing.usage import report_sync
from onboarding.models import ImportBatch
from onboarding.setup import connection
from portal import jobs
from portal.celery import app
from portal.models import JobRun, Notice, User, Workspace
from portal.watch import clockwork
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


def test_everything_that_may_wait_is_called_by_plain_words():
    app.loader.import_default_modules()  # some rows of work are made known there

    assert {model.__name__ for model in jobs.TASKS if not getattr(model, "called", "")} == set()
    assert len({model.called for model in jobs.TASKS}) == len(jobs.TASKS) > 10


def test_an_import_that_waits_is_called_one(page):
    founder = User.objects.get()
    ImportBatch.objects.create(uploaded_by=founder, size=1, next_try_at=timezone.now())

    assert "Imports" in page()


def test_refused_credentials_are_said(page):
    jobs.pause_all("GetUserId: The security token is expired")

    assert "The security token is expired" in page()


def test_every_job_of_the_schedule_is_listed(page, settings):
    said = page()

    assert all(clockwork.LABELS[key] in said for key in settings.CELERY_BEAT_SCHEDULE)


def test_every_job_of_the_schedule_leaves_its_last_run(aws, settings):
    app.loader.import_default_modules()
    connection.connect(region="us-east-1")
    Workspace.objects.update(report_bucket="northwind-kiro-reports", report_prefix="nothing-yet")

    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        app.tasks[entry["task"]]()

    found = clockwork.jobs(now=timezone.now())
    assert {job.key for job in found} == set(settings.CELERY_BEAT_SCHEDULE)
    assert [job.key for job in found if job.last_at is None] == []


def test_how_a_job_ended_and_when_it_runs_next(page):
    JobRun.note("reconcile_directory", error="ListUsers: the token is expired")

    said = page()

    assert "ListUsers: the token is expired" in said
    assert "in " in said


def test_the_next_reading_of_reports_is_an_hour_after_the_last():
    JobRun.note("ingest_usage")
    last = JobRun.objects.get().last_run_at

    found = {job.key: job for job in clockwork.jobs(now=timezone.now())}

    assert found["ingest-usage"].next_at == last + report_sync.EVERY


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
