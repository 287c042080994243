"""The shared speed limit: turns are handed out in Redis, by a clock that the tests turn."""

import itertools
import time

import pytest

from portal import pacing

ALLOWED = 20
"""Requests that AWS takes in a second, whichever second that is."""


@pytest.fixture(autouse=True)
def fresh(settings):
    pacing._redis.cache_clear()
    pacing._redis().delete(pacing.KEY, pacing.TURNS)
    yield
    pacing._redis.cache_clear()


class Clock:
    """The scripts as they are, by this clock instead of Redis's."""

    def __init__(self, monkeypatch):
        self.now = 1_700_000_000.0
        self._run, self._eval = pacing._run, pacing._redis().eval
        monkeypatch.setattr(pacing, "_run", self._run_at)

    def _run_at(self, script):
        seconds = int(self.now)
        micros = round((self.now - seconds) * 1e6)
        stopped = f"{{{seconds}, {micros}}}"
        return self._eval(script.replace("redis.call('TIME')", stopped), 2, *self._words())

    def _words(self):
        return (
            pacing.KEY,
            pacing.TURNS,
            pacing.FASTEST,
            pacing.SLOWEST,
            pacing.GROWTH,
            pacing.WINDOW,
            pacing.FARTHEST,
        )

    def turn(self):
        """When the next one is, for who asks now."""
        return self.now + pacing.take_turn()


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def taken(clock, count, *, after=lambda number: 0.0):
    """Turns taken one after the other by who asks once the last has come, and a while `after`."""
    turns = []
    for number in range(count):
        clock.now = max(clock.now, turns[-1] if turns else 0.0) + after(number)
        turns.append(clock.turn())
    return turns


def most_in_a_second(turns):
    return max(sum(turn <= other < turn + 1 for other in turns) for turn in turns)


def test_a_clock_that_was_set_back_makes_nobody_wait_for_hours():
    pacing._redis().lpush(pacing.TURNS, time.time() + 10_000)

    assert pacing.take_turn() <= pacing.FARTHEST + 1


def rate():
    return float(pacing._redis().hget(pacing.KEY, "rate"))


def test_the_first_turn_is_at_once(clock):
    assert pacing.take_turn() == 0


def test_the_limit_is_below_what_aws_allows():
    assert pacing.FASTEST < ALLOWED


def test_no_second_has_more_than_aws_allows(clock):
    turns = taken(clock, 100)

    assert most_in_a_second(turns) <= ALLOWED


def test_turns_that_are_waited_for_by_many_at_once_have_no_fuller_second(clock):
    turns = [clock.turn() for _ in range(100)]

    assert most_in_a_second(turns) <= ALLOWED


def test_after_a_pause_no_second_is_fuller(clock):
    turns = taken(clock, 100, after=lambda number: 0.4 if number % 15 == 7 else 0.0)

    assert most_in_a_second(turns) <= ALLOWED


def test_nearly_all_that_aws_allows_is_used(clock):
    turns = taken(clock, 400)

    assert 400 / (turns[-1] - turns[0]) >= 0.97 * ALLOWED


def test_who_comes_late_now_and_then_costs_nobody_a_turn(clock):
    turns = taken(clock, 400, after=lambda number: 0.3 if number % 50 == 25 else 0.0)

    assert 400 / (turns[-1] - turns[0]) >= 0.95 * ALLOWED


def test_two_turns_never_fall_together(clock):
    turns = taken(clock, 40)

    gaps = [after - before for before, after in itertools.pairwise(turns)]
    assert min(gaps) >= 0.49 / pacing.FASTEST


def test_throttling_takes_a_sixth_of_the_speed(clock):
    pacing.take_turn()

    pacing.slow_down()

    assert rate() == pytest.approx(pacing.FASTEST * 5 / 6, rel=0.001)


def test_a_burst_of_refusals_counts_once(clock):
    pacing.take_turn()

    for _ in range(20):
        pacing.slow_down()

    assert rate() == pytest.approx(pacing.FASTEST * 5 / 6, rel=0.001)


def test_throttled_on_and_on_it_keeps_asking_slowly(clock):
    for _ in range(60):
        clock.now += 1.001
        pacing.slow_down()

    assert rate() == pacing.SLOWEST


def test_the_speed_comes_back_while_quiet(clock):
    pacing.take_turn()
    pacing.slow_down()
    slow = rate()

    clock.now += 1
    pacing.take_turn()

    assert rate() == pytest.approx(slow + pacing.GROWTH, rel=0.001)


def test_the_speed_never_outgrows_the_limit(clock):
    pacing.take_turn()
    pacing.slow_down()

    clock.now += 3600
    pacing.take_turn()

    assert rate() == pacing.FASTEST


class Quota:
    """AWS's own: a bucket of 20 requests that 20 a second fill up again, for all tools together."""

    def __init__(self, now):
        self._left, self._at = float(ALLOWED), now

    def allows(self, now):
        self._left = min(ALLOWED, self._left + (now - self._at) * ALLOWED)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def beside_another_tool(clock, *, each_second, seconds=60):
    """What we got of what the other tool left, and how often we were refused."""
    began, ours, theirs, refused = clock.now, 0, 0, 0
    quota, other_at = Quota(began), began
    while clock.now < began + seconds:
        turn = clock.turn()
        while other_at < turn:
            theirs += quota.allows(other_at)
            other_at += 1 / each_second(other_at - began)
        clock.now = turn
        if quota.allows(turn):
            ours += 1
        else:
            refused += 1
            pacing.slow_down()
    return ours / (ALLOWED * (clock.now - began) - theirs), refused / (ours + refused)


@pytest.mark.parametrize("rate_of_other", [5, 10, 15])
def test_what_another_tool_leaves_is_used(clock, rate_of_other):
    used, refused = beside_another_tool(clock, each_second=lambda _: rate_of_other)

    assert used >= 0.93
    assert refused < 0.4


@pytest.mark.parametrize("rate_of_other", [5, 10, 15])
def test_what_another_tool_leaves_is_used_again_soon_after_it_stops(clock, rate_of_other):
    used, _ = beside_another_tool(
        clock, each_second=lambda at: rate_of_other if at // 30 % 2 == 0 else 0.5, seconds=120
    )

    assert used >= 0.93


def test_without_redis_a_process_paces_itself(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    pacing._redis.cache_clear()

    waits = [pacing.take_turn() for _ in range(5)]

    assert waits[-1] > 0
