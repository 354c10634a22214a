"""A clock that stands still until it is told to go on."""

import threading
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 1, tzinfo=UTC)


class VirtualClock:
    """Time that only `advance` and `sleep` move: tests and the simulation never wait."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The current moment, in UTC."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Be that much later."""
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Move on by so many seconds, 0 or more."""
        with self._lock:
            self._now += timedelta(seconds=max(0.0, seconds))
