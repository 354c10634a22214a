"""The port for short-lived values that may vanish at any time."""

from typing import Protocol


class Cache(Protocol):
    """Values and counters with a time to live, in seconds (at least 1; ValueError)."""

    def get(self, key: str) -> str | None:
        """The value, or None when absent or expired."""

    def set(self, key: str, value: str, *, seconds: int) -> None:
        """Store a value until it expires."""

    def increment(self, key: str, *, seconds: int) -> int:
        """Add one to a counter that lives `seconds` from its first increment; the new count."""

    def delete(self, key: str) -> None:
        """Forget a value."""


def check_life(seconds: int) -> int:
    """The seconds themselves; ValueError for a life that is none."""
    if seconds < 1:
        raise ValueError(f"a cached value lives at least 1 second, not {seconds}")
    return seconds
