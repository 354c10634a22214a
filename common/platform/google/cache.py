"""A cache that all processes share, in Redis; while Redis is away, each process has one of its own.

No request fails or waits for long because of it: limits are then counted per process, which is looser by the number of
processes and no more.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NotConnected
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from common.domain import quota
from common.domain.quota import Taken, Window
from common.platform.cache import Cache, check_life

SECONDS = 0.25  # that one answer may take
COOL_DOWN = 3.0  # seconds without asking a Redis that did not answer
MOST_STALE = 10_000  # keys

T = TypeVar("T")

# `domain.quota.take` in one round trip, by the clock of Redis, which all processes share.
_TAKE = """
local most, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(ARGV[3]) or (time[1] + time[2] / 1000000)
local held = redis.call('HMGET', KEYS[1], 'number', 'count', 'before')
local number, count, before = tonumber(held[1]) or 0, tonumber(held[2]) or 0, tonumber(held[3]) or 0
local asked = math.floor(now / seconds)
local into = now - asked * seconds
if asked > number then
  if asked == number + 1 then before = count else before = 0 end
  number, count = asked, 0
end
local granted = 0
if before * (1 - into / seconds) + count + 1 <= most then
  granted, count = 1, count + 1
  redis.call('HSET', KEYS[1], 'number', number, 'count', count, 'before', before)
  redis.call('EXPIRE', KEYS[1], 2 * seconds)
end
return {granted, number, count, before, tostring(into)}
"""

log = logging.getLogger(__name__)


class RedisCache:
    """Values, counters and quotas of one Redis, each key under a prefix. `fallback` makes the cache of an outage.

    `now` is another time for quotas than that of Redis, for tests; `seen` hears of every look what came of it.
    """

    def __init__(
        self,
        url: str,
        fallback: Callable[[], Cache],
        *,
        prefix: str = "aiprod:",
        seconds: float = SECONDS,
        moment: Callable[[], float] = time.monotonic,
        now: Callable[[], float] | None = None,
        seen: Callable[[bool], None] = lambda _found: None,
    ) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            socket_timeout=seconds,
            socket_connect_timeout=seconds,
            decode_responses=True,
            # Once, for a connection that Redis closed while it lay idle; not after a silence, which would double it.
            retry=Retry(NoBackoff(), 1, supported_errors=(NotConnected,)),
        )
        self._fallback = fallback
        self._prefix = prefix
        self._moment = moment
        self._now = now
        self._seen = seen
        self._take = self._redis.register_script(_TAKE)
        self._memory = fallback()
        self._ask_again: float | None = None  # the moment, while Redis is away
        self._stale: set[str] = set()  # what Redis has another value of than this process
        self._lock = threading.Lock()

    def get(self, key: str) -> str | None:
        """The value, or None when absent or expired."""

        def get(redis: Any) -> str | None:
            return redis.get(self._prefix + key)  # type: ignore[no-any-return]  # typed as bytes or text, now or later

        found = self._ask(get, lambda memory: memory.get(key))
        self._seen(found is not None)
        return found

    def set(self, key: str, value: str, *, seconds: int) -> None:
        """Store a value until it expires."""
        check_life(seconds)
        self._ask(
            lambda redis: redis.set(self._prefix + key, value, ex=seconds),
            lambda memory: memory.set(key, value, seconds=seconds),
            changes=key,
        )

    def increment(self, key: str, *, seconds: int) -> int:
        """Add one to a counter that lives `seconds` from its first increment; the new count."""
        check_life(seconds)

        def count(redis: Any) -> int:
            with redis.pipeline(transaction=True) as both:
                both.incr(self._prefix + key)
                both.expire(self._prefix + key, seconds, nx=True)
                return int(both.execute()[0])

        return self._ask(count, lambda memory: memory.increment(key, seconds=seconds))

    def take(self, key: str, *, most: int, seconds: int) -> Taken:
        """Take one of the `most` that a key has within any so many seconds, if one is left."""
        check_life(seconds)

        def take(_redis: Any) -> Taken:
            now = self._now() if self._now else ""
            granted, number, count, before, into = self._take([self._prefix + key], [most, seconds, now])
            window = Window(number, count, before)
            return quota.judge(window, float(into), granted=bool(granted), most=most, seconds=seconds)

        return self._ask(take, lambda memory: memory.take(key, most=most, seconds=seconds))

    def delete(self, key: str) -> None:
        """Forget a value."""
        self._ask(lambda redis: redis.delete(self._prefix + key), lambda memory: memory.delete(key), changes=key)

    def close(self) -> None:
        """Let go of the connections."""
        self._redis.close()

    def _ask(self, redis: Callable[[Any], T], memory: Callable[[Cache], T], *, changes: str = "") -> T:
        if self._may_ask():
            try:
                self._forget_stale()
                found = redis(self._redis)
            except (RedisError, OSError) as error:
                if isinstance(error, ResponseError) and "not an integer" in str(error):
                    raise ValueError("a cached value that is no number cannot be counted up") from error
                self._left(error)
            else:
                self._returned()
                return found
        with self._lock:
            if changes and len(self._stale) < MOST_STALE:
                self._stale.add(changes)
        return memory(self._memory)

    def _may_ask(self) -> bool:
        with self._lock:
            if self._ask_again is None:
                return True
            if self._moment() < self._ask_again:
                return False
            # One call finds out, while the others go on without.
            self._ask_again = self._moment() + COOL_DOWN
            return True

    def _forget_stale(self) -> None:
        """Values that were replaced or forgotten during the outage do not come back with Redis."""
        if self._stale:
            with self._lock:
                stale = list(self._stale)
            self._redis.delete(*(self._prefix + key for key in stale))
            with self._lock:
                self._stale.difference_update(stale)

    def _left(self, error: Exception) -> None:
        with self._lock:
            first = self._ask_again is None
            self._ask_again = self._moment() + COOL_DOWN
            if first:
                # What this process kept in an earlier outage is out of date.
                self._memory = self._fallback()
        if first:
            # The name of the error only: its text may hold the address with a password.
            log.warning("redis is away, limits count per process", extra={"reason": type(error).__name__})

    def _returned(self) -> None:
        with self._lock:
            first, self._ask_again = self._ask_again is not None, None
        if first:
            log.info("redis is back, limits count for all processes")
