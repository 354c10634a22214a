"""What the Redis cache promises where no Redis answers: requests go on, and do not each wait to find that out."""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from common.platform.embedded.cache import MemoryCache
from common.platform.embedded.clock import VirtualClock
from common.platform.google.cache import COOL_DOWN, RedisCache


class Door:
    """A port that is slammed in the face of everybody, or opened without a word being said."""

    def __init__(self, *, silent: bool) -> None:
        self.knocks = 0
        self._held: list[socket.socket] = []
        self.silent = silent
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://:sesame@127.0.0.1:{self._listener.getsockname()[1]}/0"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                knocking, _ = self._listener.accept()
            except OSError:
                return
            self.knocks += 1
            if self.silent:
                self._held.append(knocking)
            else:
                knocking.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for held in self._held:
            held.close()


@pytest.fixture(params=["slammed", "silent"])
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    with closing(Door(silent=request.param == "silent")) as door:
        yield door


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def cache(door: Door, clock: VirtualClock) -> Iterator[RedisCache]:
    # A slammed door is noticed at once, however busy this machine is; a silence has to be waited for.
    seconds = 0.05 if door.silent else 30
    made = RedisCache(door.url, lambda: MemoryCache(clock), seconds=seconds, moment=lambda: clock.now().timestamp())
    with closing(made) as cache:
        yield cache


def use(cache: RedisCache, counter: str = "n") -> None:
    cache.set("a", "é", seconds=10)
    assert cache.get("a") == "é"
    assert [cache.increment(counter, seconds=10) for _ in range(3)] == [1, 2, 3]
    cache.delete("a")
    assert cache.get("a") is None


def test_without_redis_requests_go_on_and_limits_count_here(cache: RedisCache, clock: VirtualClock) -> None:
    use(cache)
    clock.advance(10)
    assert cache.increment("n", seconds=10) == 1
    with pytest.raises(ValueError, match="at least 1 second"):
        cache.set("a", "x", seconds=0)


@pytest.mark.parametrize("door", ["slammed"], indirect=True)  # the silent one may count a knock late
def test_without_redis_quotas_count_here(cache: RedisCache) -> None:
    assert [cache.take("q", most=2, seconds=60).granted for _ in range(3)] == [True, True, False]


def test_redis_is_not_asked_again_before_a_while(cache: RedisCache, door: Door, clock: VirtualClock) -> None:
    cache.get("a")
    knocked = door.knocks
    assert knocked > 0
    use(cache, "1")
    clock.advance(COOL_DOWN - 0.1)
    use(cache, "2")
    assert door.knocks == knocked
    clock.advance(0.2)
    cache.get("a")
    again = door.knocks
    assert again > knocked
    cache.get("a")
    assert door.knocks == again


def test_an_outage_is_logged_once_and_without_the_password(
    cache: RedisCache, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for counter in "123":
        use(cache, counter)
        clock.advance(COOL_DOWN + 1)
    [record] = [record for record in caplog.records if record.name == "common.platform.google.cache"]
    assert record.getMessage() == "redis is away, limits count per process"
    assert "sesame" not in str(vars(record))


def test_a_closed_port_is_an_outage_as_well(clock: VirtualClock) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        url = f"redis://127.0.0.1:{taken.getsockname()[1]}"
        with closing(RedisCache(url, lambda: MemoryCache(clock))) as cache:
            use(cache)
