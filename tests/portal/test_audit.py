"""The audit log: an edit, a removal or a swap shows."""

import pytest
from django.core.management import CommandError, call_command

from portal import audit
from portal.models import AuditEvent, AuditHead

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def events():
    return [audit.record(f"thing.{n}", subject="member:1", detail={"n": n}) for n in range(4)]


def is_broken_at(event):
    with pytest.raises(audit.Broken, match=f"Event {event.pk} "):
        audit.verify()


def test_an_untouched_log_verifies(events):
    assert audit.verify() == 4


def test_an_edited_event_shows(events):
    AuditEvent.objects.filter(pk=events[1].pk).update(detail={"n": 99})

    is_broken_at(events[1])


def test_a_removed_event_shows_at_the_next_one(events):
    events[1].delete()

    is_broken_at(events[2])


def test_swapped_events_show(events):
    first, second = events[1], events[2]
    AuditEvent.objects.filter(pk=first.pk).update(action=second.action, chain=second.chain)

    is_broken_at(first)


def test_a_removed_end_shows(events):
    events[3].delete()

    with pytest.raises(audit.Broken, match="cut off"):
        audit.verify()


def test_an_end_removed_with_a_forged_count_shows(events):
    events[3].delete()
    AuditHead.objects.update(count=3, chain=events[2].chain)

    with pytest.raises(audit.Broken, match="cut off"):
        audit.verify()


def test_many_at_once_are_chained_like_one_by_one(events):
    audit.record_many([audit.Entry("many", f"member:{n}", {}) for n in range(3)])

    assert audit.verify() == 7


def test_the_command_says_so(events):
    AuditEvent.objects.filter(pk=events[2].pk).update(actor="somebody@else.example")

    with pytest.raises(CommandError, match=f"Event {events[2].pk} "):
        call_command("verify_audit")
