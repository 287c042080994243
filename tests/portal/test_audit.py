"""The audit log: an edit, a removal or a swap shows."""

import pytest
from django.core.management import CommandError, call_command

from portal import audit
from portal.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def events():
    return [audit.record(f"thing.{n}", subject="member:1", detail={"n": n}) for n in range(4)]


def test_an_untouched_log_verifies(events):
    assert audit.verify() is None


def test_an_edited_event_shows(events):
    AuditEvent.objects.filter(pk=events[1].pk).update(detail={"n": 99})

    assert audit.verify() == events[1]


def test_a_removed_event_shows_at_the_next_one(events):
    events[1].delete()

    assert audit.verify() == events[2]


def test_swapped_events_show(events):
    first, second = events[1], events[2]
    AuditEvent.objects.filter(pk=first.pk).update(action=second.action, chain=second.chain)

    assert audit.verify() == first


def test_the_command_says_so(events):
    AuditEvent.objects.filter(pk=events[2].pk).update(actor="somebody@else.example")

    with pytest.raises(CommandError, match=f"Event {events[2].pk} "):
        call_command("verify_audit")
