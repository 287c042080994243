"""One speed limit for all workers together: Identity Center allows 20 requests a second in all.

The last turns are kept in Redis and the next is taken by a script, so that ten workers share one
limit. On throttling (another tool uses the same quota) the speed drops by a sixth, at most once a
second, and while all is quiet it grows by `GROWTH` each second (docs/decisions/0018). Source of the
limit: Identity Center's quota page, 20/s for all its APIs of an account together.
"""

import logging
import threading
import time
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings

logger = logging.getLogger(__name__)

FASTEST = settings.IDENTITY_CENTER_RATE
SLOWEST = 2.0
FARTHEST = 120.0
"""Seconds: no crowd of workers takes turns beyond it, so the clock was set back meanwhile."""
KEY = "portal:pace:identity-center"
TURNS = f"{KEY}:turns"
WINDOW = 20
"""Of so many turns in a row, the first and the one after the last are at least a second apart."""

GROWTH = 1.5
"""By how many requests a second it gets faster in each quiet second."""

# KEYS[1]: a hash of `rate` (requests a second) and `changed_at` (seconds). KEYS[2]: the last turns,
# newest first. Answers the microseconds to wait before the caller's turn. No `WINDOW` turns come
# faster than the rate, two in a row at most twice as fast: what a slow moment of this machine cost
# is made up for, and no second has more than 20 all the same.
_TAKE_TURN = """
local t = redis.call('TIME')
local now = tonumber(t[1]) + tonumber(t[2]) / 1e6
local fastest, growth, window = tonumber(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[4])
local state = redis.call('HMGET', KEYS[1], 'rate', 'changed_at')
local rate = tonumber(state[1]) or fastest
local changed_at = tonumber(state[2]) or now
rate = math.min(fastest, rate + growth * math.max(0, now - changed_at))
local farthest = now + tonumber(ARGV[5])
local last = math.min(tonumber(redis.call('LINDEX', KEYS[2], 0) or 0), farthest)
local oldest = math.min(tonumber(redis.call('LINDEX', KEYS[2], window - 1) or 0), farthest)
local turn = math.max(now, last + 0.5 / rate, oldest + window / rate)
redis.call('LPUSH', KEYS[2], string.format('%.6f', turn))
redis.call('LTRIM', KEYS[2], 0, window - 1)
redis.call('HSET', KEYS[1], 'rate', string.format('%.3f', rate),
           'changed_at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], 3600)
redis.call('EXPIRE', KEYS[2], 3600)
return math.floor(math.max(0, turn - now) * 1e6)
"""

# Slows down, at most once a second: one burst of refusals is one sign, not twenty.
_SLOW_DOWN = """
local t = redis.call('TIME')
local now = tonumber(t[1]) + tonumber(t[2]) / 1e6
local state = redis.call('HMGET', KEYS[1], 'rate', 'slowed_at')
local rate = tonumber(state[1]) or tonumber(ARGV[1])
if now - (tonumber(state[2]) or 0) < 1 then return 0 end
local slower = math.max(tonumber(ARGV[2]), rate * 5 / 6)
redis.call('HSET', KEYS[1], 'rate', string.format('%.3f', slower),
           'changed_at', string.format('%.6f', now), 'slowed_at', string.format('%.6f', now))
return 1
"""


class _Alone:
    """The pace of one process while Redis is away: slow enough for a few of its kind."""

    RATE = FASTEST / 4

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free_at = 0.0
        self._said_at = -60.0

    def take_turn(self) -> float:
        with self._lock:
            now = time.monotonic()
            if now - self._said_at > 60:
                self._said_at = now
                logger.warning("Redis is out of reach: pacing this process alone")
            turn = max(now, self._free_at)
            self._free_at = turn + 1 / self.RATE
            return turn - now


_alone = _Alone()


@lru_cache
def _redis() -> Any:
    patience = settings.REDIS_TIMEOUT
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=patience, socket_timeout=patience
    )


def _run(script: str) -> Any:
    return _redis().eval(script, 2, KEY, TURNS, FASTEST, SLOWEST, GROWTH, WINDOW, FARTHEST)


def take_turn() -> float:
    """Reserve the next free moment; seconds to wait for it."""
    try:
        return int(_run(_TAKE_TURN)) / 1e6
    except redis.RedisError:
        return _alone.take_turn()


def wait_for_turn() -> None:
    time.sleep(take_turn())


def slow_down() -> None:
    """AWS throttled us: slow down for everybody."""
    try:
        _run(_SLOW_DOWN)
    except redis.RedisError:
        return  # alone we are slow already
