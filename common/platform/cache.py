"""The port for short-lived values that may vanish at any time."""

from typing import Protocol

from common.domain.quota import Taken


class Cache(Protocol):
    """Values and counters with a time to live, in seconds (at least 1; ValueError)."""

    def get(self, key: str) -> str | None:
        """The value, or None when absent or expired."""

    def set(self, key: str, value: str, *, seconds: int) -> None:
        """Store a value until it expires."""

    def increment(self, key: str, *, seconds: int) -> int:
        """Add one to a counter that lives `seconds` from its first increment; the new count."""

    def take(self, key: str, *, most: int, seconds: int) -> Taken:
        """Take one of the `most` that a key has within any so many seconds, if one is left: see `domain.quota`."""

    def delete(self, key: str) -> None:
        """Forget a value."""


def check_life(seconds: int) -> int:
    """The seconds themselves; ValueError for a life that is none."""
    if seconds < 1:
        raise ValueError(f"a cached value lives at least 1 second, not {seconds}")
    return seconds
