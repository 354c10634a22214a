"""The port for tasks: a call to a function later, at a bounded rate, with retries."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol


class Tasks(Protocol):
    """Queues that pace calls. A name (letters, digits, - and _) is unique in its queue, for about a day."""

    def enqueue(
        self, queue: str, function: str, data: Mapping[str, Any], *, name: str, not_before: datetime | None = None
    ) -> bool:
        """Enqueue one call; False when a task of that name is already known (which counts as success)."""
