"""One speed limit for all workers together: Identity Center allows 20 requests a second in all.

The next free moment is kept in Redis and taken by a script, so that ten workers share one limit.
On throttling (another tool uses the same quota) the speed drops by a sixth, at most once a second,
and while all is quiet it grows by one request a second each second (docs/decisions/0005). Source
of the limit: Identity Center's quota page, 20/s for all its APIs of an account together.
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
SLOWEST = 1.0
KEY = "portal:pace:identity-center"

# KEYS[1]: a hash of `free_at` (seconds), `rate` (requests a second), `changed_at`.
# Answers the microseconds to wait before the caller's turn. Who comes less than half a turn late
# has the one that was missed: the rhythm is kept, and no second has more than 20 all the same.
_TAKE_TURN = """
local t = redis.call('TIME')
local now = tonumber(t[1]) + tonumber(t[2]) / 1e6
local fastest, slowest = tonumber(ARGV[1]), tonumber(ARGV[2])
local state = redis.call('HMGET', KEYS[1], 'free_at', 'rate', 'changed_at')
local free_at = tonumber(state[1]) or now
local rate = tonumber(state[2]) or fastest
local changed_at = tonumber(state[3]) or now
rate = math.min(fastest, rate + math.max(0, now - changed_at))
local turn = math.max(now - 0.49 / rate, free_at)
redis.call('HSET', KEYS[1], 'free_at', string.format('%.6f', turn + 1 / rate),
           'rate', string.format('%.3f', rate), 'changed_at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], 3600)
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
    patience = settings.REDIS_PATIENCE
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=patience, socket_timeout=patience
    )


def take_turn() -> float:
    """Reserve the next free moment; seconds to wait for it."""
    try:
        return int(_redis().eval(_TAKE_TURN, 1, KEY, FASTEST, SLOWEST)) / 1e6
    except redis.RedisError:
        return _alone.take_turn()


def wait_for_turn() -> None:
    time.sleep(take_turn())


def slow_down() -> None:
    """AWS throttled us: slow down for everybody."""
    try:
        _redis().eval(_SLOW_DOWN, 1, KEY, FASTEST, SLOWEST)
    except redis.RedisError:
        return  # alone we are slow already
