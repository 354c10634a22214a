"""A port that is made when it is first used, so that a function starts without the clients that it does not need."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")


def late(make: Callable[[], T]) -> T:
    """What `make` returns, made once at the first use of any of its attributes."""
    return cast(T, _Late(make))


class _Late:
    def __init__(self, make: Callable[[], Any]):
        self._make = make
        self._made: Any = None
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        if self._made is None:
            with self._lock:
                if self._made is None:
                    self._made = self._make()
        return getattr(self._made, name)
