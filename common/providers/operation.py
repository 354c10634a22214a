"""What an engine promises whose work is an operation at its provider: started, looked at until it is over, called off.

Starting is the engine's own method; it answers with the provider's id of the operation. It raises Throttled, Refused
or ProviderUnavailable where nothing was started for certain, and Unanswered where that is not known.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from common.providers.errors import ProviderError


@dataclass(frozen=True)
class Running:
    """The provider still works on it; look again in `delay` seconds."""

    delay: float


@dataclass(frozen=True)
class Done:
    """What came of an operation, and what it cost in micro-dollars."""

    answer: Any
    amount: int
    quantity: float = 0.0
    unit: str = ""


@dataclass(frozen=True)
class Failed:
    """The provider gave the operation up; `error` says why, what another try would bring, and what it cost.

    Where that is not known but something was billed, `billed` has it counted at its estimate.
    """

    error: ProviderError
    billed: bool = False


class Operations(Protocol):
    """What comes after the start. An engine without `finds` and `honours_keys` can lose an operation, and says so."""

    finds: bool  # `look_up` knows every operation by the key that it was started with
    honours_keys: bool  # starting twice with one key starts one operation

    def look_up(self, key: str) -> str | None:
        """The id of the operation that was started with a key; None when there is none."""

    def poll(self, operation: str) -> Running | Done | Failed:
        """Where an operation stands. Raises a ProviderError when that cannot be asked now, which says nothing of it."""

    def cancel(self, operation: str) -> None:
        """Stop an operation, if it still runs."""
