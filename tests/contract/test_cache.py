"""What every Cache adapter promises."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from common.platform.cache import Cache
from common.platform.embedded.clock import VirtualClock


def test_a_value_lives_as_long_as_told(cache: Cache, clock: VirtualClock) -> None:
    assert cache.get("a") is None
    cache.set("a", "é", seconds=10)
    clock.advance(9)
    assert cache.get("a") == "é"
    clock.advance(1)
    assert cache.get("a") is None


def test_set_replaces_value_and_life(cache: Cache, clock: VirtualClock) -> None:
    cache.set("a", "1", seconds=5)
    clock.advance(4)
    cache.set("a", "2", seconds=5)
    clock.advance(4)
    assert cache.get("a") == "2"


def test_a_counter_lives_from_its_first_increment(cache: Cache, clock: VirtualClock) -> None:
    assert cache.increment("n", seconds=10) == 1
    clock.advance(9)
    assert cache.increment("n", seconds=10) == 2
    assert cache.get("n") == "2"
    clock.advance(1)
    assert cache.increment("n", seconds=10) == 1


def test_increments_of_many_threads_all_count(cache: Cache) -> None:
    with ThreadPoolExecutor(8) as pool:
        counts = sorted(pool.map(lambda _: cache.increment("n", seconds=60), range(200)))
    assert counts == list(range(1, 201))


def test_delete_forgets(cache: Cache) -> None:
    cache.delete("a")
    cache.set("a", "1", seconds=10)
    cache.delete("a")
    assert cache.get("a") is None


def test_a_life_of_no_second_is_refused(cache: Cache) -> None:
    for use in (
        lambda: cache.set("a", "1", seconds=0),
        lambda: cache.increment("a", seconds=-1),
        lambda: cache.take("a", most=1, seconds=0),
    ):
        with pytest.raises(ValueError, match="at least 1 second"):
            use()


def test_a_quota_grants_so_many_and_not_one_more(cache: Cache) -> None:
    taken = [cache.take("q", most=3, seconds=60) for _ in range(5)]
    assert [(one.granted, one.left) for one in taken] == [(True, 2), (True, 1), (True, 0), (False, 0), (False, 0)]
    assert cache.take("other", most=3, seconds=60).granted


def test_a_quota_is_whole_again_after_two_windows(cache: Cache, clock: VirtualClock) -> None:
    for _ in range(3):
        cache.take("q", most=3, seconds=60)
    clock.advance(120)
    assert cache.take("q", most=3, seconds=60).left == 2


def test_whoever_waits_as_long_as_told_is_granted_one(cache: Cache, clock: VirtualClock) -> None:
    while (taken := cache.take("q", most=5, seconds=60)).granted:
        clock.advance(2)
    clock.advance(taken.seconds)
    assert cache.take("q", most=5, seconds=60).granted


def test_many_threads_take_no_more_than_there_is(cache: Cache) -> None:
    with ThreadPoolExecutor(8) as pool:
        granted = list(pool.map(lambda _: cache.take("q", most=50, seconds=3600).granted, range(200)))
    assert granted.count(True) == 50
