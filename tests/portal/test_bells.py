"""Which bells go before others on the queue."""

import pytest
import redis
from django.conf import settings

from onboarding.models import Member
from portal import bells, jobs
from portal.models import Notice


@pytest.fixture
def queue():
    with redis.Redis.from_url(settings.REDIS_URL) as found:
        found.delete(*_lists())
        yield found
        found.delete(*_lists())


def _lists():
    return ["celery", *(f"celery\x06\x16{place}" for place in (bells.SECOND, bells.LAST))]


def lengths(queue):
    """How many wait in the first, the second and the last place."""
    return [queue.llen(name) for name in _lists()]


@pytest.mark.parametrize(
    ("count", "is_begun", "place"),
    [(1, False, bells.SECOND), (500, False, bells.LAST), (1, True, bells.FIRST)],
)
def test_work_at_aws_has_its_place(count, is_begun, place):
    assert bells.place_of(Member, count, is_begun=is_begun) == place


@pytest.mark.parametrize("count", [1, 500])
def test_letters_go_first(count):
    assert bells.place_of(Notice, count, is_begun=False) == bells.FIRST


def test_the_queue_keeps_them_apart(queue):
    jobs.ring(Member, [1, 2, 3])
    jobs.ring(Member, [4])
    jobs.ring(Member, [5], after=1.5)
    jobs.ring(Notice, [1])

    assert lengths(queue) == [2, 1, 3]
