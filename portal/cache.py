"""Django's cache, in Redis so that all processes share it; each its own while Redis is away.

allauth keeps the one-time codes that were already used there, so no page may fail for want of it.
"""

import logging
from collections.abc import Callable
from typing import Any

import redis
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

logger = logging.getLogger(__name__)


def _forgiving(name: str) -> Callable[..., Any]:
    def call(self: "ForgivingCache", *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(super(ForgivingCache, self), name)(*args, **kwargs)
        except redis.RedisError:
            logger.warning("Redis is out of reach: caching in this process alone")
            return getattr(self.alone, name)(*args, **kwargs)

    return call


class ForgivingCache(RedisCache):
    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.alone = LocMemCache("alone", {})

    add = _forgiving("add")
    get = _forgiving("get")
    set = _forgiving("set")
    touch = _forgiving("touch")
    delete = _forgiving("delete")
    get_many = _forgiving("get_many")
    set_many = _forgiving("set_many")
    delete_many = _forgiving("delete_many")
    has_key = _forgiving("has_key")
    incr = _forgiving("incr")
    clear = _forgiving("clear")
