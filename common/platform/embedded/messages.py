"""Messages within this process, as Pub/Sub pushes them: at least once, in any order, with a dead-letter hook."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from common.platform.clock import Clock
from common.platform.embedded.delivery import Call, Deliver, Dispatcher, Limits, Retries


@dataclass(frozen=True)
class DeadMessage:
    """A message that no attempt delivered, and why."""

    topic: str
    message_id: str
    data: dict[str, Any]
    attempts: int
    reason: str


class InProcessMessages:
    """Push every message to its topic's function until it answers 2xx, or tell `dead_letter` after the last attempt.

    The push envelope carries the publisher's id as `messageId` and as the attribute `message_id`. `consumers` are the
    functions of topics that have other names than theirs.
    """

    def __init__(
        self,
        deliver: Deliver,
        clock: Clock,
        *,
        dead_letter: Callable[[DeadMessage], None] | None = None,
        consumers: Mapping[str, str] | None = None,
        workers: int = 4,
        retries: Retries | None = None,
        limits: Mapping[str, Limits] | None = None,
        seed: int | None = None,
    ) -> None:
        self._clock = clock
        self._dead_letter = dead_letter or (lambda _: None)
        self._consumers = consumers or {}
        self.dispatcher = Dispatcher(deliver, clock, workers=workers, retries=retries, limits=limits, seed=seed)

    def publish(self, topic: str, data: Mapping[str, Any], *, message_id: str) -> None:
        """Publish; returns when the message is queued. Topic = name of the consuming function, or one of its own."""
        text = json.dumps(dict(data), allow_nan=False)
        message = {
            "data": base64.b64encode(text.encode()).decode(),
            "messageId": message_id,
            "publishTime": self._clock.now().isoformat().replace("+00:00", "Z"),
            "attributes": {"message_id": message_id},
        }

        def request(attempt: int) -> tuple[bytes, Mapping[str, str]]:
            subscription = f"projects/local/subscriptions/{topic}"
            envelope = {"message": message, "subscription": subscription, "deliveryAttempt": attempt}
            return json.dumps(envelope).encode(), {"Content-Type": "application/json"}

        def gave_up(attempts: int, reason: str) -> None:
            self._dead_letter(DeadMessage(topic, message_id, json.loads(text), attempts, reason))

        self.dispatcher.add(topic, Call(self._consumers.get(topic, topic), request, gave_up))

    @property
    def idle(self) -> bool:
        """Whether nothing is queued or being delivered."""
        return self.dispatcher.idle

    def start(self) -> None:
        """Let worker threads deliver."""
        self.dispatcher.start()

    def stop(self, timeout: float = 1.0) -> None:
        """Begin no further delivery; wait at most `timeout` seconds for those under way."""
        self.dispatcher.stop(timeout)
