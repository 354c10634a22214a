"""What stands for the functions that a bus calls, and how a bus is emptied."""

from collections.abc import Mapping

from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.delivery import Dispatcher


class Inbox:
    """The functions that a bus calls: answers as told, 204 by default, and keeps every call."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.calls: list[tuple[str, bytes, dict[str, str]]] = []

    def __call__(self, function: str, body: bytes, headers: Mapping[str, str]) -> int:
        self.calls.append((function, body, dict(headers)))
        return self.statuses.pop(0) if self.statuses else 204


def drain(dispatcher: Dispatcher, clock: VirtualClock) -> None:
    """Deliver everything in this thread, with the clock moved on whenever all is waiting."""
    while (due := dispatcher.next_due()) is not None:
        clock.advance((due - clock.now()).total_seconds())
        dispatcher.run_one()
