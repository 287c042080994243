"""The audit log: it grows only, and whoever goes behind the portal's back shows."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from portal import audit, retention
from portal.logs import trace
from portal.models import AppendOnly, AuditEvent, AuditHead
from portal.pages import activity
from tests.factories import make_founder

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def events():
    return [audit.record(f"thing.{n}", subject="member:1", detail={"n": n}) for n in range(4)]


def in_the_database(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def change(event, column, value):
    statement = f"UPDATE portal_auditevent SET {column} = %s WHERE id = %s"  # noqa: S608  # our own
    in_the_database(statement, value, event.pk)


def remove(event):
    in_the_database("DELETE FROM portal_auditevent WHERE id = %s", event.pk)


def is_broken_at(event):
    with pytest.raises(audit.Broken, match=f"Event {event.pk} "):
        audit.verify()


# An untouched log ------------------------------------------------------------------------------


def test_an_untouched_log_verifies(events):
    assert audit.verify() == 4


def test_many_at_once_are_chained_like_one_by_one(events):
    audit.record_many([audit.Entry("many", f"member:{n}", {}) for n in range(3)])

    assert audit.verify() == 7


def test_many_at_once_cost_the_same_statements(queries_of):
    def asked(entries):
        written = [audit.Entry("many", f"member:{n}", {}) for n in range(entries)]
        return queries_of(lambda: audit.record_many(written))

    assert asked(1) == asked(100)


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_keep_one_chain():
    def write(n):
        for i in range(5):
            audit.record(f"thing.{n}.{i}")
        connection.close()

    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert audit.verify() == 20


def test_events_from_before_the_origin_was_kept_still_follow(events):
    assert {event.origin for event in events} == {""}

    with trace.active(trace.Trace("id", "203.0.113.9")):
        audit.record("later")

    assert audit.verify() == 5


# What an event tells ---------------------------------------------------------------------------


def test_it_tells_from_where(client):
    client.force_login(make_founder())

    client.post("/spend/budget/", {"amount": "500"}, REMOTE_ADDR="203.0.113.9")

    assert AuditEvent.objects.get(action="budget.set").origin == "203.0.113.9"


def test_a_job_is_named_as_where_it_came_from():
    with trace.active(trace.Trace("id", "portal.tasks.sweep")):
        event = audit.record("thing.done")

    assert (event.actor, event.origin) == ("portal", "portal.tasks.sweep")


def test_it_tells_how_it_ended():
    event = audit.record("thing.tried", result=audit.Result.FAILED)

    (row,) = activity.export(AuditEvent.objects.filter(pk=event.pk))
    assert row[4] == "result: failed"


# Append-only -----------------------------------------------------------------------------------


def test_an_event_is_not_saved_twice(events):
    events[0].actor = "somebody@else.example"

    with pytest.raises(AppendOnly):
        events[0].save()


@pytest.mark.parametrize(
    "act",
    [
        lambda event: event.delete(),
        lambda event: AuditEvent.objects.filter(pk=event.pk).delete(),
        lambda event: AuditEvent.objects.filter(pk=event.pk).update(actor="x"),
        lambda event: AuditEvent.objects.bulk_update([event], ["actor"]),
    ],
)
def test_events_are_neither_edited_nor_removed(events, act):
    with pytest.raises(AppendOnly):
        act(events[0])


# Behind the portal's back ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "somebody@else.example"),
        ("action", "thing.9"),
        ("subject", "member:2"),
        ("detail", '{"n": 99}'),
        ("aws_request_id", "req-9"),
        ("origin", "203.0.113.9"),
        ("result", "failed"),
        ("at", "2020-01-01 00:00:00+00:00"),
    ],
)
def test_an_edited_event_shows(events, column, value):
    change(events[1], column, value)

    is_broken_at(events[1])


def test_a_removed_event_shows_at_the_next_one(events):
    remove(events[1])

    is_broken_at(events[2])


def test_a_removed_beginning_shows(events):
    remove(events[0])

    is_broken_at(events[1])


def test_swapped_events_show(events):
    first, second = events[1], events[2]
    change(first, "action", second.action)
    change(first, "chain", second.chain)

    is_broken_at(first)


def test_a_removed_end_shows(events):
    remove(events[3])

    with pytest.raises(audit.Broken, match="cut off"):
        audit.verify()


def test_an_end_removed_with_a_forged_count_shows(events):
    remove(events[3])
    AuditHead.objects.update(count=3, chain=events[2].chain)

    with pytest.raises(audit.Broken, match="cut off"):
        audit.verify()


def test_an_event_chained_with_another_key_shows(events, settings):
    settings.SECRET_KEY = "a guess " * 8

    is_broken_at(events[0])


def test_what_was_written_under_a_former_key_holds(events, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key " * 8
    audit.record("thing.4")

    assert audit.verify() == 5


def test_a_head_sealed_under_a_former_key_holds(events, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key " * 8

    assert audit.verify() == 4


def test_an_event_written_while_it_looks_is_no_damage(events):
    late = []

    def write_meanwhile(execute, sql, *rest):
        result = execute(sql, *rest)
        if not late and "portal_audithead" in sql:
            late.append(sql)
            late.append(audit.record("thing.late"))
        return result

    with connection.execute_wrapper(write_meanwhile):
        found = audit.verify()

    assert found in {4, 5}
    assert len(late) == 2


def test_an_end_removed_and_sealed_with_another_key_shows(events):
    remove(events[3])
    head = AuditHead.objects.get()
    head.count, head.chain = 3, events[2].chain
    with override_settings(SECRET_KEY="a guess " * 8):
        audit.seal(head)

    with pytest.raises(audit.Broken, match="cut off"):
        audit.verify()


def test_a_beginning_removed_with_a_forged_purge_shows(events):
    remove(events[0])
    AuditHead.objects.update(removed=1, anchor=events[0].chain)

    with pytest.raises(audit.Broken, match="cut off"):
        audit.verify()


def test_the_command_says_so(events):
    change(events[2], "actor", "somebody@else.example")

    with pytest.raises(CommandError, match=f"Event {events[2].pk} "):
        call_command("verify_audit")


# Retention -------------------------------------------------------------------------------------


@pytest.fixture
def months(settings):
    """Fourteen months of events, one a month; twelve are kept."""
    settings.AUDIT_RETENTION_MONTHS = 12
    return [audit.record(f"month.{n}", at=NOW - timedelta(days=30 * n)) for n in range(14, 0, -1)]


def test_nothing_leaves_unless_asked_for(months, settings):
    settings.AUDIT_RETENTION_MONTHS = 0

    assert retention.purge(now=NOW) == 0


def test_what_is_older_leaves(months):
    retention.purge(now=NOW)

    kept = AuditEvent.objects.exclude(action="activity.purged")
    assert kept.order_by("at").first().at >= datetime(2025, 11, 1, tzinfo=UTC)
    assert kept.count() == 12


def test_a_purge_is_an_event(months):
    retention.purge(now=NOW)

    event = AuditEvent.objects.get(action="activity.purged")
    assert event.detail == {"events": 2, "before": "2025-11-01"}


def test_the_chain_stays_whole_across_purges(months):
    retention.purge(now=NOW)
    retention.purge(now=NOW + timedelta(days=62))

    assert audit.verify() == AuditEvent.objects.count()


def test_a_purge_with_nothing_to_remove_leaves_no_trace(months):
    retention.purge(now=NOW)

    assert retention.purge(now=NOW) == 0
    assert AuditEvent.objects.filter(action="activity.purged").count() == 1


def test_after_a_purge_an_edit_still_shows(months):
    retention.purge(now=NOW)
    change(months[5], "actor", "somebody@else.example")

    is_broken_at(months[5])


def test_after_a_purge_a_removed_beginning_still_shows(months):
    retention.purge(now=NOW)
    remove(AuditEvent.objects.earliest("pk"))

    with pytest.raises(audit.Broken):
        audit.verify()
