"""Claim, lease, sweep: one worker at a time, and nobody forgotten."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from onboarding.models import Member
from portal import jobs
from portal.models import JobRun, Notice, Workspace
from tests.factories import make_queued

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def row():
    return make_queued()


@pytest.fixture
def enqueued(monkeypatch):
    heard = []
    monkeypatch.setattr(
        jobs, "enqueue", lambda model, pks, **_: heard.extend((model, pk) for pk in pks) or len(pks)
    )
    return heard


def later(**span):
    return time_machine.travel(timezone.now() + timedelta(**span))


def test_a_row_that_is_due_can_be_claimed(row):
    assert jobs.claim(Member, row.pk) == row


def test_a_claimed_row_is_nobody_elses(row):
    jobs.claim(Member, row.pk)

    assert jobs.claim(Member, row.pk) is None


def test_of_two_at_the_same_moment_one_has_it(row):
    others = []

    def be_quicker(execute, sql, *rest):
        if sql.startswith("UPDATE") and not others:
            others.append("at it")
            others.append(jobs.claim(Member, row.pk))
        return execute(sql, *rest)

    with connection.execute_wrapper(be_quicker):
        mine = jobs.claim(Member, row.pk)

    assert mine is None
    assert others[1] == row


def test_a_row_that_is_not_due_is_left_alone(row):
    Member.objects.update(next_try_at=timezone.now() + timedelta(minutes=1))

    assert jobs.claim(Member, row.pk) is None


def test_a_row_with_nothing_to_do_is_left_alone(row):
    Member.objects.update(next_try_at=None)

    assert jobs.claim(Member, row.pk) is None


def test_a_lease_that_ran_out_can_be_taken_over(row):
    jobs.claim(Member, row.pk)

    with later(seconds=jobs.LEASE.total_seconds() + 1):
        assert jobs.claim(Member, row.pk)


def test_a_renewed_lease_lasts_longer(row):
    mine = jobs.claim(Member, row.pk)
    with later(seconds=30):
        jobs.renew(mine)

    with later(seconds=60):
        assert jobs.claim(Member, row.pk) is None


def test_whoever_lost_the_lease_writes_nothing(row):
    mine = jobs.claim(Member, row.pk)
    with later(minutes=5):
        jobs.claim(Member, row.pk)

    with pytest.raises(jobs.LeaseLost):
        jobs.finish(mine, status=Member.Status.REMOVED)

    row.refresh_from_db()
    assert row.status == Member.Status.QUEUED


def test_finished_work_is_not_due_any_more(row):
    jobs.finish(jobs.claim(Member, row.pk))

    assert jobs.claim(Member, row.pk) is None


def test_a_failure_is_tried_again_later(row):
    jobs.try_later(jobs.claim(Member, row.pk), code="Oops", reason="broken")

    assert jobs.claim(Member, row.pk) is None
    with later(seconds=10):
        assert jobs.claim(Member, row.pk)


def test_the_pause_that_aws_asks_for_is_kept(row):
    wait = jobs.try_later(jobs.claim(Member, row.pk), code="Slow", reason="", after=40)

    assert wait == 40


def test_what_counts_comes_back_ever_later_however_soon_aws_asks_for_it(row):
    fail(row, 3, code="Oops", after=1)

    assert jobs.try_later(claimed_again(row), code="Oops", reason="", after=1) > 10


def test_throttled_a_row_comes_back_when_aws_said(row):
    fail(row, 3, code="Slow", after=1, counts=False)

    assert jobs.try_later(claimed_again(row), code="Slow", reason="", after=1, counts=False) == 1


def claimed_again(row):
    Member.objects.update(next_try_at=timezone.now())
    return jobs.claim(Member, row.pk)


def fail(row, times, **how):
    for _ in range(times):
        Member.objects.update(next_try_at=timezone.now())
        jobs.try_later(jobs.claim(Member, row.pk), reason="broken", **how)
    row.refresh_from_db()


def test_the_fifth_failure_of_a_kind_quarantines(row):
    fail(row, 5, code="Oops")

    assert row.is_quarantined


@pytest.mark.parametrize(("failures", "minutes"), [(5, 1), (6, 2), (9, 60), (40, 60)])
def test_a_quarantined_row_is_tried_soon_then_ever_more_seldom(row, failures, minutes):
    fail(row, failures, code="Oops")

    assert round((row.next_try_at - timezone.now()).total_seconds() / 60) == minutes


def test_a_quarantined_row_waits_as_long_as_aws_asked(row):
    fail(row, 5, code="Oops", after=600)

    assert row.next_try_at > timezone.now() + timedelta(minutes=9)


def test_four_failures_do_not_quarantine(row):
    fail(row, 4, code="Oops")

    assert not row.is_quarantined


def test_failures_of_different_kinds_do_not_add_up(row):
    fail(row, 4, code="Oops")
    fail(row, 4, code="Ouch")

    assert not row.is_quarantined


def test_throttling_never_quarantines(row):
    fail(row, 20, code="ThrottlingException", counts=False)

    assert not row.is_quarantined


def test_what_never_counts_is_counted_up_to_a_thousand(row):
    Member.objects.update(failures=1000, failure_code="Slow")

    fail(row, 1, code="Slow", counts=False)

    assert row.failures == 1000


def test_a_person_can_have_a_quarantined_row_tried_at_once(row):
    fail(row, 5, code="Oops")

    jobs.retry_now(row)

    assert jobs.claim(Member, row.pk)


def test_the_sweep_enqueues_what_is_due(row, enqueued):
    jobs.sweep()

    assert enqueued == [(Member, row.pk)]


def test_the_sweep_leaves_rows_in_hand_alone(row, enqueued):
    jobs.claim(Member, row.pk)

    jobs.sweep()

    assert enqueued == []


def test_the_sweep_enqueues_the_row_again_once_a_worker_has_died(row, enqueued):
    jobs.claim(Member, row.pk)

    with later(minutes=2):
        jobs.sweep()

    assert enqueued == [(Member, row.pk)]


def test_the_sweep_enqueues_the_outbox_too(enqueued):
    notice = Notice.objects.create(kind="k", key="k", to="a@b.c", next_try_at=timezone.now())

    jobs.sweep()

    assert enqueued == [(Notice, notice.pk)]


def test_a_pause_silences_the_sweep(row, enqueued):
    Workspace.load()
    jobs.pause_all("no credentials")

    jobs.sweep()

    assert enqueued == []


def test_a_pause_ends_by_itself(row, enqueued):
    Workspace.load()
    jobs.pause_all("no credentials")

    with later(minutes=1):
        jobs.sweep()

    assert enqueued == [(Member, row.pk)]


@pytest.mark.parametrize(("after", "messages"), [(None, 1), (30.0, 1), (3600.0, 0)])
def test_what_is_due_in_an_hour_is_the_sweeps(row, monkeypatch, after, messages):
    sent = []
    monkeypatch.setattr(jobs.app, "send_task", lambda *args, **_: sent.append(args))

    jobs.enqueue(Member, [row.pk], after=after)

    assert len(sent) == messages


def test_a_worker_that_was_away_does_not_catch_up_on_sweeps(settings):
    often = [
        entry
        for entry in settings.CELERY_BEAT_SCHEDULE.values()
        if isinstance(entry["schedule"], float)
    ]

    assert often
    assert all(entry["options"]["expires"] <= max(entry["schedule"], 120) for entry in often)


def test_a_dead_broker_is_no_error(row, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"

    assert jobs.enqueue(Member, [row.pk]) == 0


@pytest.fixture
def silent_pages(monkeypatch):
    monkeypatch.setitem(jobs._swept_by_pages, "at", timezone.now() - timedelta(hours=1))


def test_a_founders_page_sweeps_when_beat_has_not(row, enqueued, silent_pages):
    jobs.sweep_if_overdue()

    assert enqueued == [(Member, row.pk)]


def test_a_founders_page_does_so_once_a_minute(row, enqueued, silent_pages):
    jobs.sweep_if_overdue()
    jobs.sweep_if_overdue()

    assert enqueued == [(Member, row.pk)]


def test_a_founders_page_leaves_the_sweep_to_beat_while_it_runs(row, enqueued, silent_pages):
    JobRun.note("sweep")

    jobs.sweep_if_overdue()

    assert enqueued == []
