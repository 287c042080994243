"""What founders are told on every page when a part is down, and that it goes away by itself."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from portal import aws, jobs
from portal.models import JobRun, Notice, Workspace
from portal.watch import aws_contact, vital_signs
from tests.factories import make_founder, make_member, make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def alive():
    """Every part has given a sign of life a moment ago."""
    make_workspace()
    for name in ("worker", "beat", "broker", aws_contact.ANSWERED):
        JobRun.note(name)


def silent(*names, seconds=60):
    moment = timezone.now() - timedelta(seconds=seconds)
    JobRun.objects.filter(name__in=names).update(last_run_at=moment)


def told():
    return {trouble.part for trouble in vital_signs.troubles(vital_signs.company())}


def test_all_well_says_nothing(alive):
    assert told() == set()


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (["worker"], {"worker"}),
        (["beat", "broker"], {"beat"}),
        (["worker", "broker"], {"broker"}),
        (["worker", "beat", "broker"], {"worker", "beat"}),
    ],
)
def test_who_is_silent_is_named(alive, parts, said):
    silent(*parts)

    assert told() == said


@pytest.mark.parametrize("parts", [["worker"], ["beat", "broker"], ["worker", "broker"]])
def test_a_sign_of_life_ends_it(alive, parts):
    silent(*parts)
    for part in parts:
        JobRun.note(part)

    assert told() == set()


def test_where_nothing_ever_ran_that_is_said():
    assert told() == {"worker", "beat"}


def test_refused_credentials_are_said_until_they_are_taken(alive):
    jobs.pause_all("GetUserId: expired")
    during = told()
    jobs.resume_all()

    assert during == {"aws"}
    assert told() == set()


def test_no_answer_of_aws_is_said_until_it_answers(alive):
    silent(aws_contact.ANSWERED, seconds=30)
    JobRun.note(aws_contact.UNREACHABLE, error="no answer")
    during = told()
    JobRun.note(aws_contact.ANSWERED)

    assert during == {"aws"}
    assert told() == set()


def test_no_answer_a_while_ago_is_no_news(alive):
    JobRun.note(aws_contact.UNREACHABLE, error="no answer")
    silent(aws_contact.UNREACHABLE, seconds=90)
    silent(aws_contact.ANSWERED, seconds=120)

    assert told() == set()


@pytest.mark.parametrize(("failures", "said"), [(1, set()), (3, {"mail"})])
def test_mail_that_is_not_taken_is_said(alive, failures, said):
    Notice.objects.create(
        kind="invitation",
        key="x",
        to="a@example.com",
        failures=failures,
        next_try_at=timezone.now(),
    )

    assert told() == said


# On pages --------------------------------------------------------------------------------------


def test_founders_see_it_on_every_page(client, alive):
    silent("worker")
    client.force_login(make_founder())

    pages = [client.get(path).content.decode() for path in ("/", "/team/", "/spend/", "/status/")]

    assert all("No worker is running." in page for page in pages)


def test_members_are_not_told(client, alive):
    silent("worker")
    client.force_login(make_member().user)

    assert "No worker" not in client.get("/checklist/").content.decode()


def test_it_costs_no_query_of_its_own(client, alive, django_assert_num_queries):
    client.force_login(make_founder())
    client.get("/status/banner/")

    with django_assert_num_queries(3):  # session, user, the company's row
        client.get("/status/banner/")


def test_it_is_gone_from_an_open_page_when_the_part_is_back(client, alive):
    silent("worker")
    client.force_login(make_founder())
    before = client.get("/status/banner/").content.decode()
    JobRun.note("worker")

    after = client.get("/status/banner/").content.decode()

    assert "No worker is running." in before
    assert 'hx-trigger="every 30s"' in after
    assert "notice" not in after


# What the worker notes -------------------------------------------------------------------------


@pytest.fixture
def forgotten(monkeypatch):
    monkeypatch.setattr(aws_contact, "_noted_at", {})


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (None, "aws"),
        (aws.AwsThrottled("CreateUser", "Throttling", "slow"), "aws"),
        (aws.AwsConflict("CreateUser", "Conflict", "there"), "aws"),
        (aws.AwsUnreachable("CreateUser", "Timeout", "no answer"), "aws-unreachable"),
        (aws.AwsUnavailable("CreateUser", "Internal", "broken"), "aws-unreachable"),
        (aws.AwsDenied("CreateUser", "AccessDenied", "no"), "aws-refused"),
        (aws.AwsError("CreateUser", "Validation", "no"), "aws-refused"),
    ],
)
def test_how_aws_answered_is_noted(forgotten, error, name):
    aws_contact.note(error)

    run = JobRun.objects.get(name=name)
    assert run.last_error == str(error or "")


def test_a_thousand_calls_are_one_note(forgotten, django_assert_max_num_queries):
    aws_contact.note(None)

    with django_assert_max_num_queries(0):
        for _ in range(1000):
            aws_contact.note(None)


def test_a_note_that_cannot_be_made_fails_no_call(forgotten, monkeypatch):
    def refuse(*_args, **_more):
        raise OperationalError

    monkeypatch.setattr(JobRun, "note", refuse)

    aws_contact.note(None)


def test_calls_of_a_listening_process_are_told(monkeypatch):
    heard = []
    monkeypatch.setattr(aws, "_listeners", [heard.append])

    with aws.aws_call("CreateUser"):
        pass

    assert heard == [None]


def test_the_company_is_there_even_before_its_row():
    Workspace.objects.all().delete()

    assert vital_signs.company().pk == 1
