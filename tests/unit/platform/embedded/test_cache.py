"""What only the memory adapter promises: it is bounded."""

from common.platform.embedded.cache import MemoryCache
from common.platform.embedded.clock import VirtualClock


def test_the_value_unused_for_longest_goes_first() -> None:
    cache = MemoryCache(VirtualClock(), entries=2)
    cache.set("a", "1", seconds=10)
    cache.set("b", "1", seconds=10)
    cache.get("a")
    cache.set("c", "1", seconds=10)
    assert [cache.get(key) for key in "abc"] == ["1", None, "1"]
