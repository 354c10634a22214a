"""Tasks within this process, as Cloud Tasks delivers them: paced queues, delays, retries, unique names."""

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from common.platform.clock import Clock
from common.platform.embedded.delivery import Call, Deliver, Dispatcher, Limits, Retries

NAMES_KEPT = 100_000
NAMES_KEPT_FOR = timedelta(hours=24)  # as in Cloud Tasks

_NAME = re.compile(r"[A-Za-z0-9_-]{1,500}")


@dataclass(frozen=True)
class DeadTask:
    """A task that no attempt delivered, and why."""

    queue: str
    function: str
    name: str
    data: dict[str, Any]
    attempts: int
    reason: str


class InProcessTasks:
    """Call functions at each queue's pace until they answer 2xx, or tell `dead_letter` after the last attempt.

    `limits` is by queue name. Queues named `<name>-high` go before `-medium` (or none) and `-low`.
    """

    def __init__(
        self,
        deliver: Deliver,
        clock: Clock,
        *,
        dead_letter: Callable[[DeadTask], None] | None = None,
        workers: int = 4,
        retries: Retries | None = None,
        limits: Mapping[str, Limits] | None = None,
        seed: int | None = None,
    ) -> None:
        self._clock = clock
        self._dead_letter = dead_letter or (lambda _: None)
        self._names: OrderedDict[tuple[str, str], datetime] = OrderedDict()
        self._naming = threading.Lock()
        self.dispatcher = Dispatcher(deliver, clock, workers=workers, retries=retries, limits=limits, seed=seed)

    def enqueue(
        self, queue: str, function: str, data: Mapping[str, Any], *, name: str, not_before: datetime | None = None
    ) -> bool:
        """Enqueue one call; False when a task of that name is already known (which counts as success)."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"the task name {name!r} is not allowed: use 1 to 500 letters, digits, - and _")
        text = json.dumps(dict(data), allow_nan=False)
        if not self._remember((queue, name)):
            return False

        def request(attempt: int) -> tuple[bytes, Mapping[str, str]]:
            return text.encode(), {
                "Content-Type": "application/json",
                "X-CloudTasks-QueueName": queue,
                "X-CloudTasks-TaskName": name,
                "X-CloudTasks-TaskRetryCount": str(attempt - 1),
            }

        def gave_up(attempts: int, reason: str) -> None:
            self._dead_letter(DeadTask(queue, function, name, json.loads(text), attempts, reason))

        self.dispatcher.add(queue, Call(function, request, gave_up), not_before)
        return True

    @property
    def idle(self) -> bool:
        """Whether nothing is queued, delayed or being delivered."""
        return self.dispatcher.idle

    def start(self) -> None:
        """Let worker threads deliver."""
        self.dispatcher.start()

    def stop(self, timeout: float = 1.0) -> None:
        """Begin no further delivery; wait at most `timeout` seconds for those under way."""
        self.dispatcher.stop(timeout)

    def _remember(self, key: tuple[str, str]) -> bool:
        """Whether the name is new; forgets the oldest names when they are too old or too many."""
        now = self._clock.now()
        with self._naming:
            while self._names:
                oldest, taken = next(iter(self._names.items()))
                if len(self._names) <= NAMES_KEPT and now - taken < NAMES_KEPT_FOR:
                    break
                del self._names[oldest]
            if key in self._names:
                return False
            self._names[key] = now
            return True
