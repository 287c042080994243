"""A connection that was closed at the other end is not used again; one that is kept plans often asked queries once."""

import time

import pytest
from django.db import connection, connections

from onboarding.team import board, board_lines
from portal.models import User
from portal.sign_in.sessions import SessionStore

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="of PostgreSQL alone"),
]
PATIENCE = 90


@pytest.fixture
def kept():
    """A connection of its own, kept from one request to the next."""
    made = connections.create_connection("default")
    made.ensure_connection()
    yield made
    made.close()


def end(kept):
    """As a restart of the server does."""
    pid = kept.connection.info.backend_pid
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    deadline = time.monotonic() + PATIENCE
    while kept.is_usable() and time.monotonic() < deadline:
        time.sleep(0.01)


def test_a_connection_at_rest_is_used_again(kept):
    with kept.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()

    assert kept.is_usable()


def test_to_look_is_no_query(kept, monkeypatch):
    monkeypatch.setattr(kept.connection, "cursor", None)

    assert kept.is_usable()


def test_a_connection_that_the_server_ended_is_not(kept):
    end(kept)

    assert not kept.is_usable()


def test_the_next_request_has_a_new_one(kept):
    kept.health_check_enabled, kept.health_check_done = True, False
    end(kept)

    with kept.cursor() as cursor:
        cursor.execute("SELECT 1")

        assert cursor.fetchone() == (1,)


def test_after_an_error_the_server_is_asked(kept):
    kept.errors_occurred = True
    end(kept)

    assert not kept.is_usable()


def test_one_that_was_closed_here_is_not(kept):
    kept.connection.close()

    assert not kept.is_usable()


def prepared(of):
    with of.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]


def test_what_is_asked_often_is_planned_once(kept):
    with kept.cursor() as cursor:
        for number in range(6):
            cursor.execute("SELECT %s + 1", [number])

    assert "SELECT $1 + 1" in prepared(kept)


def test_what_is_compiled_once_is_planned_for_its_values():
    for _ in range(7):
        board_lines.found(board.Filters(), range(50))

    (planned,) = [each for each in prepared(connection) if "member_id" in each]
    assert "'removed'" in planned
    assert "$1" not in planned


def test_a_migration_under_a_process_that_goes_on_signs_nobody_out():
    session = SessionStore()
    session["whose"] = "Ada"
    session.save()
    for _ in range(6):
        SessionStore(session.session_key).load()
    migrate_elsewhere(f"ALTER TABLE {User._meta.db_table} ADD COLUMN added_later integer")

    assert SessionStore(session.session_key).load() == {"whose": "Ada"}
    assert any("django_session" in statement for statement in prepared(connection))


def migrate_elsewhere(statement):
    """In here, so that it is undone, but without psycopg's knowledge: it would plan all anew."""
    with connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN {statement}; END $$")
