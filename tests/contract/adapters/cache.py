"""Cache adapters under contract."""

import os
import secrets
from collections.abc import Iterator

import pytest
from redis import Redis

from common.platform.cache import Cache
from common.platform.embedded.cache import MemoryCache
from common.platform.embedded.clock import VirtualClock
from common.platform.google.cache import RedisCache

HOUR = 3_600_000  # ms


@pytest.fixture(params=["embedded", pytest.param("google", marks=pytest.mark.emulators)])
def cache(request: pytest.FixtureRequest, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cache]:
    if request.param == "embedded":
        yield MemoryCache(clock)
        return
    url, prefix = os.environ["AIPROD_REDIS_URL"], f"test-{secrets.token_hex(8)}:"

    def fallback() -> Cache:
        raise AssertionError("Redis did not answer")

    # Made at once, and then only in an outage, which the contract has none of.
    made = iter([MemoryCache(clock)])
    now = lambda: clock.now().timestamp()  # noqa: E731
    cache = RedisCache(url, lambda: next(made, None) or fallback(), prefix=prefix, seconds=30, now=now)
    with Redis.from_url(url) as redis:
        advance = clock.advance

        def age(seconds: float) -> None:
            """Take the time off every key's life. What is left is held in hours, so that no real second is missed."""
            advance(seconds)
            for key in redis.scan_iter(f"{prefix}*"):
                left = redis.pttl(key)
                unit = HOUR if left > HOUR // 2 else 1000
                life = -(-left // unit) - seconds
                if life > 0:
                    redis.pexpire(key, int(life * HOUR))
                else:
                    redis.delete(key)

        monkeypatch.setattr(clock, "advance", age)
        yield cache
        for key in redis.scan_iter(f"{prefix}*"):
            redis.delete(key)
    cache.close()
