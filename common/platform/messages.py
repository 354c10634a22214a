"""The port for messages: publish at least once; the platform pushes them to the topic's function."""

from collections.abc import Mapping
from typing import Any, Protocol


class Messages(Protocol):
    """At-least-once publishing. Consumers see duplicates and any order."""

    def publish(self, topic: str, data: Mapping[str, Any], *, message_id: str) -> None:
        """Publish; returns when the message is accepted. Topic = name of the consuming function, or the one it names.

        The push names the `message_id` in the message's attributes, because Pub/Sub gives `messageId` itself.
        """
