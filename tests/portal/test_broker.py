"""Which messages go before others on the queue."""

import pytest
import redis
from django.conf import settings

from onboarding.models import Member
from portal import broker, jobs
from portal.models import Notice


@pytest.fixture
def queue():
    with redis.Redis.from_url(settings.REDIS_URL) as found:
        found.delete(*_lists())
        yield found
        found.delete(*_lists())


def _lists():
    return ["celery", *(f"celery\x06\x16{place}" for place in (broker.SECOND, broker.LAST))]


def lengths(queue):
    """How many wait in the first, the second and the last place."""
    return [queue.llen(name) for name in _lists()]


@pytest.mark.parametrize(
    ("count", "is_begun", "priority"),
    [(1, False, broker.SECOND), (500, False, broker.LAST), (1, True, broker.FIRST)],
)
def test_work_at_aws_has_its_priority(count, is_begun, priority):
    assert broker.priority_of(Member, count, is_begun=is_begun) == priority


@pytest.mark.parametrize("count", [1, 500])
def test_letters_go_first(count):
    assert broker.priority_of(Notice, count, is_begun=False) == broker.FIRST


def test_the_queue_keeps_them_apart(queue):
    jobs.enqueue(Member, [1, 2, 3])
    jobs.enqueue(Member, [4])
    jobs.enqueue(Member, [5], after=1.5)
    jobs.enqueue(Notice, [1])

    assert lengths(queue) == [2, 1, 3]
