"""What PostgreSQL does with what is asked all the time, however long a table has become."""

import random

import pytest
from django.db import connection

from onboarding.models import Member
from onboarding.team import board
from portal.backups import taking
from portal.models import AuditEvent, Notice
from tests.factories import get_plan, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted():
    """Of many mails none was refused, of many members few are in trouble: of two indices that would
    do, the planner takes the smaller."""
    Notice.objects.bulk_create(
        Notice(kind="invitation", key=f"mail-{number}", about=f"member:{number}")
        for number in range(500)
    )
    plan = get_plan()
    Member.objects.bulk_create(
        Member(
            email=f"{number}@example.com",
            plan=plan,
            trouble="" if number % 50 else "stuck",
        )
        for number in range(500)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {Notice._meta.db_table}, {Member._meta.db_table}")


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (Notice.objects.filter(about="member:1", to="ada@example.com"), "notice_about"),
        (Notice.objects.filter(failure_code="refused", about__gt=""), "notice_refused"),
        (Notice.objects.filter(kind="reminder").values("key"), "notice_kind_key"),
        (AuditEvent.objects.filter(at__gt="2026-11-22T00:00Z"), "auditevent_at"),
        (AuditEvent.objects.filter(actor="ada@example.com"), "auditevent_actor"),
        (Member.objects.in_trouble(), "member_in_trouble"),
    ],
)
def test_there_is_an_index_for(counted, rows, index):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # which so few rows would be worth

    plan = rows.order_by().explain()

    assert index in plan


def test_the_longest_that_a_member_can_be_called_fits_into_the_index():
    whole = {"email": 254, "given_name": 100, "family_name": 100, "directory_user_name": 128}
    rng = random.Random(7)  # noqa: S311  # what cannot be packed, no secret
    longest = {
        name: "".join(chr(rng.randrange(0x1F300, 0x1FAFF)) for _ in range(length))
        for name, length in whole.items()
    }

    member = make_member()

    Member.objects.update(**longest)

    assert board.select(board.Filters(q=longest["family_name"])).get() == member


@pytest.mark.parametrize(
    ("setting", "value"), [("lock_timeout", "10s"), ("random_page_cost", "1.1")]
)
def test_a_connection_says_how_long_to_wait_and_what_a_page_costs(setting, value):
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {setting}")

        assert cursor.fetchone() == (value,)


def test_a_backup_may_wait_for_whoever_takes_it():
    taking.take_time()

    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        (longest,) = cursor.fetchone()

    assert longest == "0"
