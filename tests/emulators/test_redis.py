"""What the Redis cache promises with a Redis that comes and goes: it returns by itself, and nothing stale with it."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as NotConnected
from redis.retry import Retry

from common.platform.embedded.cache import MemoryCache
from common.platform.embedded.clock import VirtualClock
from common.platform.google.cache import COOL_DOWN, RedisCache
from scripts.local.emulators import EMULATORS, free_port

pytestmark = pytest.mark.emulators


class Server:
    """A Redis of this test alone, which can be killed, started again, and put to sleep."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self._command = EMULATORS["redis"].command(self.port, folder)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        patient = Retry(ConstantBackoff(0.05), 400, supported_errors=(NotConnected,))
        with Redis.from_url(self.url, retry=patient) as redis:
            redis.ping()

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()

    def tell(self, signal_: signal.Signals) -> None:
        assert self._process
        os.kill(self._process.pid, signal_)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.kill()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def make(server: Server, clock: VirtualClock) -> Iterator[Callable[..., RedisCache]]:
    made: list[RedisCache] = []

    def make(seconds: float = 10) -> RedisCache:
        made.append(
            RedisCache(server.url, lambda: MemoryCache(clock), seconds=seconds, moment=lambda: clock.now().timestamp())
        )
        return made[-1]

    yield make
    for cache in made:
        cache.close()


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "common.platform.google.cache"]


AWAY, BACK = "redis is away, limits count per process", "redis is back, limits count for all processes"


def test_processes_share_values_and_counters(make: Callable[..., RedisCache]) -> None:
    one, other = make(), make()
    one.set("a", "é", seconds=60)
    assert other.get("a") == "é"
    with ThreadPoolExecutor(8) as pool:
        counts = sorted(pool.map(lambda turn: (one, other)[turn % 2].increment("n", seconds=60), range(100)))
    assert counts == list(range(1, 101))
    other.delete("a")
    assert one.get("a") is None


def test_processes_share_quotas_by_the_clock_of_redis(make: Callable[..., RedisCache], clock: VirtualClock) -> None:
    caches = make(), make()
    clock.advance(7200)  # the hosts' own clocks count for nothing
    granted = [caches[turn % 2].take("q", most=50, seconds=86_400).granted for turn in range(60)]
    assert granted == [True] * 50 + [False] * 10


def test_a_counter_keeps_the_life_it_began_with(make: Callable[..., RedisCache], server: Server) -> None:
    cache = make()
    cache.increment("n", seconds=1000)
    with Redis.from_url(server.url) as redis:
        redis.expire("aiprod:n", 500)
        cache.increment("n", seconds=1000)
        assert 0 < int(redis.ttl("aiprod:n")) <= 500  # type: ignore[arg-type]
        assert redis.keys() == [b"aiprod:n"]


def test_a_text_is_not_counted_up_and_no_outage(
    make: Callable[..., RedisCache], caplog: pytest.LogCaptureFixture
) -> None:
    cache = make()
    cache.set("a", "text", seconds=60)
    with pytest.raises(ValueError, match="no number"):
        cache.increment("a", seconds=60)
    assert cache.get("a") == "text"
    assert said(caplog) == []


def test_killed_and_back_again(
    make: Callable[..., RedisCache], server: Server, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    one, other = make(), make()
    assert [one.increment("n", seconds=60), other.increment("n", seconds=60)] == [1, 2]
    server.kill()
    assert [one.increment("n", seconds=60) for _ in range(2)] == [1, 2]
    assert [other.increment("n", seconds=60) for _ in range(2)] == [1, 2]
    assert said(caplog) == [AWAY, AWAY]
    server.start()
    assert one.increment("n", seconds=60) == 3  # it does not know yet
    clock.advance(COOL_DOWN)
    assert [one.increment("n", seconds=60), other.increment("n", seconds=60)] == [1, 2]
    assert said(caplog) == [AWAY, AWAY, BACK, BACK]
    server.kill()
    assert one.increment("n", seconds=60) == 1  # not what it counted in the first outage


def test_what_was_forgotten_or_replaced_while_redis_slept_does_not_come_back(
    make: Callable[..., RedisCache], server: Server, clock: VirtualClock
) -> None:
    cache = make(seconds=2)
    for key in ("deleted", "replaced", "kept"):
        cache.set(key, "old", seconds=60)
    server.tell(signal.SIGSTOP)
    cache.delete("deleted")
    cache.set("replaced", "new", seconds=60)
    assert cache.get("replaced") == "new"
    assert cache.get("kept") is None
    server.tell(signal.SIGCONT)
    with Redis.from_url(server.url) as redis:
        redis.ping()  # awake
    clock.advance(COOL_DOWN)
    assert [cache.get(key) for key in ("deleted", "replaced", "kept")] == [None, None, "old"]


def test_a_connection_that_redis_closed_meanwhile_is_no_outage(
    make: Callable[..., RedisCache], server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    cache = make()
    assert cache.increment("n", seconds=60) == 1
    with Redis.from_url(server.url) as redis:
        redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    assert cache.increment("n", seconds=60) == 2
    assert said(caplog) == []


@pytest.mark.parametrize(
    "change", [("maxmemory", "1"), ("requirepass", "sesame"), ("min-replicas-to-write", "1")], ids=lambda one: one[0]
)
def test_a_redis_that_refuses_is_an_outage_too(
    make: Callable[..., RedisCache], server: Server, caplog: pytest.LogCaptureFixture, change: tuple[str, str]
) -> None:
    with Redis.from_url(server.url) as redis:
        redis.config_set(*change)
    cache = make()
    cache.set("a", "1", seconds=60)
    assert cache.get("a") == "1"
    assert cache.increment("a", seconds=60) == 2
    assert said(caplog) == [AWAY]
