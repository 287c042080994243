"""A member is taken out of the team while they tick: nothing is half done, and nothing follows."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from onboarding.models import Member
from onboarding.steps import checklist
from onboarding.team import offboarding, provisioning
from portal import audit
from portal.models import AuditEvent
from tests.factories import make_founder, make_member, make_workspace

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

TABS = 8


@pytest.fixture
def member():
    """Of a company that is not connected yet, so that leaving needs no AWS."""
    make_workspace(identity_store_id="")
    return make_member(done=1)


def tab_of(member):
    """Ticks the second step and takes it back, over and over."""
    client = Client()
    client.force_login(member.user)

    def tick():
        path = "/checklist/cancel-individual/"
        posts = [{"done": done, "answer": "none"} for done in "101010"]
        return [client.post(path, post).status_code for post in posts]

    return tick


def at_once(*jobs_to_do):
    start = threading.Barrier(len(jobs_to_do))

    def run(job):
        try:
            start.wait(60)
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs_to_do)) as pool:
        return [future.result() for future in [pool.submit(run, job) for job in jobs_to_do]]


def test_offboarded_while_ticking(member):
    founder = make_founder()

    def offboard():
        offboarding.offboard(member, delete_user=False, on=None, actor=founder)
        provisioning.provision(member.pk)
        return []

    answers = at_once(offboard, *[tab_of(member) for _ in range(TABS)])

    member.refresh_from_db()
    assert member.status == Member.Status.REMOVED
    assert {status for tab in answers for status in tab} <= {302, 404}
    assert member.steps_done == member.steps.count()
    assert audit.verify() == AuditEvent.objects.count()


def test_nothing_follows_on_having_left(member):
    Member.objects.filter(pk=member.pk).update(status=Member.Status.REMOVED, left_at=timezone.now())
    before = AuditEvent.objects.count()

    answers = at_once(*[tab_of(member) for _ in range(3)])

    assert {status for tab in answers for status in tab} == {404}
    assert AuditEvent.objects.count() == before


def test_a_tick_that_was_too_late_says_so(member):
    stale = Member.objects.get(pk=member.pk)
    Member.objects.filter(pk=member.pk).update(status=Member.Status.REMOVED, left_at=timezone.now())

    with pytest.raises(checklist.HasLeft):
        checklist.tick(stale, "cancel-individual", by=member.user, answer="none")
