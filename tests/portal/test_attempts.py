"""An error that nobody expected: counted, shown, and no end to trying."""

import logging

import pytest
from django.db import OperationalError
from django.utils import timezone

from onboarding.drift import directory_checks, directory_reading
from onboarding.models import DirectoryCheck, Member
from onboarding.team import provisioning
from portal import attempts, jobs, tasks
from portal.mailing import notices
from portal.models import Delivery, Notice
from portal.webhooks import bodies, deliveries, hooks
from portal.webhooks.events import Event
from tests.factories import make_founder, make_queued, make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


class Bug(Exception):
    """What nobody thought of."""


def buggy(*args, **kwargs):
    raise Bug("of ada@example.com")


def try_it(row, error=Bug):
    """One attempt that ends in the error; the row as it is then."""
    type(row).objects.update(next_try_at=timezone.now())
    with pytest.raises(error):
        attempts.make(jobs.claim(type(row), row.pk), lambda held: _raise(error))
    row.refresh_from_db()
    return row


def _raise(error):
    raise error


@pytest.fixture
def row():
    return make_queued()


def test_the_row_says_why(row):
    try_it(row)

    assert row.last_error == "An error in the portal itself (Bug); the log says more."


def test_the_row_is_let_go(row):
    try_it(row)

    assert (row.lease, row.next_try_at > timezone.now()) == ("", True)


def test_the_fifth_quarantines(row):
    tried = [try_it(row).is_quarantined for _ in range(5)]

    assert tried == [False] * 4 + [True]


def test_a_database_that_is_away_says_nothing_about_the_row(row):
    for _ in range(5):
        try_it(row, OperationalError)

    assert not row.is_quarantined


def test_a_lease_that_was_lost_is_no_failure(row):
    try_it(row, jobs.LeaseLost)

    assert row.failures == 0


def test_the_log_of_the_worker_has_all_of_it(caplog):
    notice = notices.post(kind="nobody-knows-this-kind", key="one", to="ada@example.com")

    with caplog.at_level(logging.ERROR):
        tasks.send_notice.apply([notice.pk])

    assert [record.exc_info[0] for record in caplog.records] == [KeyError]


def test_a_mail_of_an_unknown_kind_is_shown_in_the_end():
    notice = notices.post(kind="nobody-knows-this-kind", key="one", to="ada@example.com")

    for _ in range(5):
        Notice.objects.update(next_try_at=timezone.now())
        with pytest.raises(KeyError):
            notices.send(notice.pk)

    assert Notice.objects.get().is_quarantined


def test_a_member_who_cannot_be_set_up_is_shown_to_the_founder(row, monkeypatch):
    monkeypatch.setattr(provisioning, "_bring_in_line", buggy)

    for _ in range(5):
        Member.objects.update(next_try_at=timezone.now())
        with pytest.raises(Bug):
            provisioning.provision(row.pk)

    assert Member.objects.get().trouble == Member.Trouble.KEEPS_FAILING


def test_a_message_to_a_webhook_counts_too(monkeypatch):
    webhook = hooks.add(
        name="Ops",
        kind="json",
        url="https://hooks.example.com/x",
        events=[Event.BUDGET],
        by=make_founder(),
    )
    delivery = Delivery.objects.create(
        webhook=webhook, event=Event.BUDGET, key="one", payload={}, next_try_at=timezone.now()
    )
    monkeypatch.setattr(bodies, "body_of", buggy)

    with pytest.raises(Bug):
        deliveries.deliver(delivery.pk)

    assert Delivery.objects.get().failures == 1


def test_a_check_that_keeps_failing_ends_so_that_another_can_be_asked_for(monkeypatch):
    make_workspace()
    monkeypatch.setattr(directory_reading, "look", buggy)
    check = directory_checks.ask(now=timezone.now())

    for _ in range(5):
        DirectoryCheck.objects.update(next_try_at=timezone.now())
        with pytest.raises(Bug):
            directory_checks.carry_out(check.pk)

    assert DirectoryCheck.objects.get().outcome == DirectoryCheck.Outcome.FAILED


def _work_of(row, work, **options):
    """One attempt by `carry_out` at a row that is due."""
    Member.objects.filter(pk=row.pk).update(next_try_at=timezone.now())
    return attempts.carry_out(Member, row.pk, work, **options)


def test_a_row_in_other_hands_is_left_alone(row):
    jobs.claim(Member, row.pk)

    assert attempts.carry_out(Member, row.pk, lambda held: "done") is None


def test_what_the_work_returns_is_handed_on(row):
    assert _work_of(row, lambda held: "done") == "done"


@pytest.mark.parametrize(
    ("options", "result"), [({}, None), ({"lost": lambda held: "lost"}, "lost")]
)
def test_a_row_taken_over_in_the_middle_ends_quietly(row, options, result):
    assert _work_of(row, lambda held: _raise(jobs.LeaseLost()), **options) == result
