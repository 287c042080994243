"""A connection that was closed at the other end is not used again."""

import time

import pytest
from django.db import connection, connections

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
