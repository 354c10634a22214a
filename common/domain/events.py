"""What happens in public: the events that webhooks hear of."""

from collections.abc import Iterable
from typing import Literal, get_args

EventType = Literal[
    "pipeline.started",
    "pipeline.progress",
    "pipeline.awaiting_approval",
    "pipeline.completed",
    "pipeline.failed",
    "pipeline.cancelled",
    "batch.created",
    "batch.completed",
]
EVENTS: tuple[EventType, ...] = get_args(EventType)

PROGRESS: EventType = "pipeline.progress"  # comes once a second, so it is announced to those alone who asked for it
EVERYTHING = "*"


def heard(wanted: Iterable[str], kind: str) -> bool:
    """Whether a list of event types, or `*` for all of them, has this one."""
    return any(one in (EVERYTHING, kind) for one in wanted)
