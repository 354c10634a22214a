"""A cache in this process's memory: bounded, and gone with it."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from common.domain import quota
from common.domain.quota import Taken, Window
from common.platform.cache import check_life
from common.platform.clock import Clock


class MemoryCache:
    """Values, counters and quotas that live so many seconds; those unused for longest go when there are too many.

    `seen` hears of every look whether it found something.
    """

    def __init__(
        self, clock: Clock, *, entries: int = 10_000, seen: Callable[[bool], None] = lambda _found: None
    ) -> None:
        self._seen = seen
        self._clock = clock
        self._limit = entries
        self._entries: OrderedDict[str, tuple[str, datetime]] = OrderedDict()
        self._quotas: OrderedDict[str, Window] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> str | None:
        """The value, or None when absent or expired."""
        with self._lock:
            found = self._live(key)
        self._seen(found is not None)
        return found[0] if found else None

    def set(self, key: str, value: str, *, seconds: int) -> None:
        """Store a value until it expires."""
        with self._lock:
            self._store(key, value, self._until(seconds))

    def increment(self, key: str, *, seconds: int) -> int:
        """Add one to a counter that lives `seconds` from its first increment; the new count."""
        until = self._until(seconds)
        with self._lock:
            found = self._live(key)
            count = int(found[0]) + 1 if found else 1
            self._store(key, str(count), found[1] if found else until)
            return count

    def take(self, key: str, *, most: int, seconds: int) -> Taken:
        """Take one of the `most` that a key has within any so many seconds, if one is left."""
        check_life(seconds)
        with self._lock:
            window, taken = quota.take(
                self._quotas.get(key) or Window(), self._clock.now().timestamp(), most=most, seconds=seconds
            )
            self._quotas[key] = window
            self._quotas.move_to_end(key)
            if len(self._quotas) > self._limit:
                self._quotas.popitem(last=False)
        return taken

    def delete(self, key: str) -> None:
        """Forget a value."""
        with self._lock:
            self._entries.pop(key, None)

    def _until(self, seconds: int) -> datetime:
        return self._clock.now() + timedelta(seconds=check_life(seconds))

    def _live(self, key: str) -> tuple[str, datetime] | None:
        found = self._entries.get(key)
        if found is None:
            return None
        if found[1] <= self._clock.now():
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return found

    def _store(self, key: str, value: str, until: datetime) -> None:
        self._entries[key] = (value, until)
        self._entries.move_to_end(key)
        while len(self._entries) > self._limit:
            self._entries.popitem(last=False)
