"""The port for time, so that tests and the simulation own it."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The time of one host; hosts may differ by minutes."""

    def now(self) -> datetime:
        """The current moment, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current moment, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        import time

        time.sleep(seconds)
