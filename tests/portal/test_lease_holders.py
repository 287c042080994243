"""Rows of a process that is gone are free at once; of one that lives, however badly, they are not."""

import os
import signal
from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.models import Member
from portal import celery as signs
from portal import jobs, lease_holders
from portal.tasks import sweep, take_over
from tests.factories import make_queued

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(lease_holders, "_us", {})
    return tmp_path / "holders"


@pytest.fixture
def row():
    return make_queued()


class Other:
    """A process beside this one that has made a lease and sleeps."""

    def __init__(self):
        reading, writing = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.write(writing, lease_holders.new_lease().encode())
            signal.pause()
            os._exit(0)
        self.lease = os.read(reading, 100).decode()
        os.close(reading)
        os.close(writing)

    def holds(self, row, span=jobs.LEASE):
        until = timezone.now() + span
        Member.objects.filter(pk=row.pk).update(lease=self.lease, leased_until=until)

    def stop(self):
        os.kill(self.pid, signal.SIGSTOP)

    def die(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.pid = 0


@pytest.fixture
def other(row):
    found = Other()
    found.holds(row)
    yield found
    found.die()


def test_a_row_of_a_dead_process_is_free_at_once(row, other):
    other.die()

    assert lease_holders.let_go_of_the_dead([Member]) == {Member: [row.pk]}
    assert jobs.claim(Member, row.pk)


def test_a_row_of_a_process_that_lives_stays_its_own(row, other):
    assert lease_holders.let_go_of_the_dead([Member]) == {}
    assert jobs.claim(Member, row.pk) is None


def test_a_row_of_a_process_that_is_stopped_stays_its_own(row, other):
    other.stop()

    assert lease_holders.let_go_of_the_dead([Member]) == {}
    assert jobs.claim(Member, row.pk) is None


def test_our_own_rows_stay_ours(row):
    jobs.claim(Member, row.pk)

    assert lease_holders.let_go_of_the_dead([Member]) == {}


def test_a_row_of_another_machine_runs_out_by_time(row, other, folder):
    other.die()
    for path in folder.iterdir():
        path.unlink()

    assert lease_holders.let_go_of_the_dead([Member]) == {}


def test_what_was_taken_over_meanwhile_is_left_alone(row, other):
    other.holds(row, span=timedelta(seconds=-1))
    jobs.claim(Member, row.pk)
    other.die()

    assert lease_holders.let_go_of_the_dead([Member]) == {}


def test_the_dead_are_looked_at_once(other, folder):
    other.die()

    lease_holders.let_go_of_the_dead([Member])

    assert list(folder.iterdir()) == []


def test_rows_of_the_dead_are_rung_for(row, other, monkeypatch):
    heard = []
    monkeypatch.setattr(jobs, "enqueue", lambda model, pks, **_: heard.extend(pks) or len(pks))
    other.die()

    take_over()

    assert heard == [row.pk]


def test_the_sweep_frees_what_the_dead_held(row, other, monkeypatch):
    monkeypatch.setattr(jobs, "enqueue", lambda model, pks, **_: len(pks))
    other.die()

    sweep()

    assert jobs.claim(Member, row.pk)


def test_a_worker_that_starts_takes_over(monkeypatch):
    asked = []
    monkeypatch.setattr(signs.app, "send_task", asked.append)

    signs.worker_ready.send(None)

    assert asked == ["portal.tasks.take_over"]


def test_without_a_folder_rows_are_claimed_all_the_same(row, folder):
    folder.write_text("in the way")

    assert jobs.claim(Member, row.pk)
    assert lease_holders.let_go_of_the_dead([Member]) == {}


def test_a_fork_goes_under_a_name_of_its_own(other):
    ours = {lease_holders.new_lease()[:16] for _ in range(2)}

    assert len(ours) == 1
    assert other.lease[:16] not in ours
