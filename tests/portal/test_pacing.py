"""The shared speed limit: turns are handed out in Redis, one after the other."""

import pytest

from portal import pacing


@pytest.fixture(autouse=True)
def fresh(settings):
    pacing._redis.cache_clear()
    pacing._redis().delete(pacing.KEY)
    yield
    pacing._redis.cache_clear()


def test_the_first_turn_is_at_once():
    assert pacing.take_turn() == 0


@pytest.fixture
def later():
    """Turns are taken until a minute from now, so that no pause of this machine can free one."""
    pacing.take_turn()
    pacing._redis().hincrbyfloat(pacing.KEY, "free_at", 60)


def free_at():
    return float(pacing._redis().hget(pacing.KEY, "free_at"))


def test_turns_follow_each_other_at_the_limit(later):
    before = free_at()

    for _ in range(40):
        pacing.take_turn()

    assert free_at() - before == pytest.approx(40 / pacing.FASTEST, abs=1e-3)


def test_the_limit_is_below_what_aws_allows():
    assert pacing.FASTEST < 20


def come_late(seconds):
    """A turn of 1,000 s was missed by so much; what then became of the next one, from that turn on."""
    now = pacing._redis().time()[0]
    state = {"free_at": now - seconds, "rate": 0.001, "changed_at": now + 10_000}
    pacing._redis().hset(pacing.KEY, mapping=state)
    pacing.take_turn()
    return free_at() - (now - seconds)


def test_who_is_a_little_late_does_not_put_off_everybody_else(monkeypatch):
    monkeypatch.setattr(pacing, "SLOWEST", 0.001)

    assert come_late(100) == pytest.approx(1000)


def test_turns_that_nobody_took_are_gone(monkeypatch):
    monkeypatch.setattr(pacing, "SLOWEST", 0.001)

    assert come_late(10_000) == pytest.approx(10_000 + 510, abs=60)


def rate():
    return float(pacing._redis().hget(pacing.KEY, "rate"))


def test_throttling_takes_a_sixth_of_the_speed():
    pacing.take_turn()

    pacing.slow_down()

    assert rate() == pytest.approx(pacing.FASTEST * 5 / 6, rel=0.01)


def test_a_burst_of_refusals_counts_once():
    pacing.take_turn()
    pacing.slow_down()
    pacing._redis().hincrbyfloat(pacing.KEY, "slowed_at", 60)

    for _ in range(20):
        pacing.slow_down()

    assert rate() == pytest.approx(pacing.FASTEST * 5 / 6, rel=0.01)


def test_the_speed_comes_back_by_one_a_second_while_quiet():
    pacing.take_turn()
    pacing.slow_down()
    changed_at = float(pacing._redis().hget(pacing.KEY, "changed_at"))
    pacing._redis().hset(pacing.KEY, mapping={"changed_at": changed_at - 3, "rate": 5})

    pacing.take_turn()

    assert 8 <= rate() < pacing.FASTEST


def test_without_redis_a_process_paces_itself(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    pacing._redis.cache_clear()

    waits = [pacing.take_turn() for _ in range(5)]

    assert waits[-1] > 0
