"""Cache adapters under contract."""

import pytest

from common.platform.cache import Cache
from common.platform.embedded.cache import MemoryCache
from common.platform.embedded.clock import VirtualClock


@pytest.fixture(params=["embedded"])
def cache(request: pytest.FixtureRequest, clock: VirtualClock) -> Cache:
    return MemoryCache(clock)
