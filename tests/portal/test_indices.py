"""What PostgreSQL does with what is asked all the time, however long a table has become."""

import pytest
from django.db import connection

from portal.backups import taking
from portal.models import AuditEvent, Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted():
    """Of many mails none was refused: of two indices that would do, the planner takes the smaller."""
    Notice.objects.bulk_create(
        Notice(kind="invitation", key=f"mail-{number}", about=f"member:{number}")
        for number in range(500)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {Notice._meta.db_table}")


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (Notice.objects.filter(about="member:1", to="ada@example.com"), "notice_about"),
        (Notice.objects.filter(failure_code="refused", about__gt=""), "notice_refused"),
        (Notice.objects.filter(kind="reminder").values("key"), "notice_kind_key"),
        (AuditEvent.objects.filter(at__gt="2026-11-22T00:00Z"), "auditevent_at"),
        (AuditEvent.objects.filter(actor="ada@example.com"), "auditevent_actor"),
    ],
)
def test_there_is_an_index_for(counted, rows, index):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # which so few rows would be worth

    plan = rows.order_by().explain()

    assert index in plan


def test_waiting_for_a_lock_has_an_end():
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        (longest,) = cursor.fetchone()

    assert longest == "10s"


def test_a_backup_may_wait_for_whoever_takes_it():
    taking.take_time()

    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        (longest,) = cursor.fetchone()

    assert longest == "0"
