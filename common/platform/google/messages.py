"""Messages through Pub/Sub: published at once and one by one, since a function may be frozen after its answer."""

import json
from collections.abc import Mapping
from typing import Any

from google.api_core import exceptions
from google.auth.exceptions import GoogleAuthError
from google.pubsub_v1 import PublisherClient, PubsubMessage

from common.platform.documents import Unavailable
from common.platform.google.calls import PATIENCE, one_attempt, retries


class PubSubMessages:
    """Publish to the topic of the function's name in one project.

    Topics, their push subscriptions and the dead-letter topic are Terraform's; on an emulator `emulated_topics` makes
    them. The client is the generated one, whose `publish` returns when the server has taken the message: the
    hand-written one batches in threads of its own.
    """

    def __init__(self, client: PublisherClient, project: str, *, patience: float = PATIENCE) -> None:
        self._client = client
        self._project = project
        self._retry = retries(patience)  # publishing twice is allowed
        self._attempt = one_attempt(patience)

    def publish(self, topic: str, data: Mapping[str, Any], *, message_id: str) -> None:
        """Publish; returns when Pub/Sub has accepted the message. Topic = name of the consuming function."""
        body = json.dumps(dict(data), allow_nan=False).encode()
        message = PubsubMessage(data=body, attributes={"message_id": message_id})
        path = f"projects/{self._project}/topics/{topic}"
        try:
            self._client.publish(topic=path, messages=[message], retry=self._retry, timeout=self._attempt)
        except exceptions.NotFound as error:
            raise Unavailable(f"Pub/Sub has no topic {path}; apply terraform, which makes one per function") from error
        except (exceptions.GoogleAPICallError, exceptions.RetryError, GoogleAuthError) as error:
            raise Unavailable(f"Pub/Sub did not take a message for {topic}: {error}") from error
