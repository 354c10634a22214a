"""Messages adapters under contract."""

import json
import os
import threading
import uuid
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.delivery import Retries
from common.platform.embedded.messages import DeadMessage, InProcessMessages
from common.platform.google import emulated_topics
from common.platform.google.messages import PubSubMessages
from common.platform.messages import Messages
from tests.contract.adapters.inbox import Inbox, drain
from tests.protocol import push_endpoint

ATTEMPTS = 5
WAIT_SECONDS = 60.0  # the emulator pauses up to three seconds between two attempts


@dataclass
class MessagesUnderTest:
    """A Messages adapter with five attempts; `drain` returns when everything is delivered or dead.

    `tells_attempts`: whether the bus says the how-manieth attempt a push is.
    """

    port: Messages
    drain: Callable[[], None]
    dead: list[tuple[str, str, dict[str, Any], str]] = field(default_factory=list)
    tells_attempts: bool = True


@pytest.fixture(params=["embedded", pytest.param("google", marks=pytest.mark.emulators)])
def messages(request: pytest.FixtureRequest, inbox: Inbox, clock: VirtualClock) -> Iterator[MessagesUnderTest]:
    if request.param == "google":
        with _google(inbox) as adapter:
            yield adapter
        return
    dead: list[tuple[str, str, dict[str, Any], str]] = []

    def bury(letter: DeadMessage) -> None:
        dead.append((letter.topic, letter.message_id, letter.data, letter.reason))

    port = InProcessMessages(inbox, clock, dead_letter=bury, retries=Retries(attempts=ATTEMPTS))
    yield MessagesUnderTest(port, lambda: drain(port.dispatcher, clock), dead)


class Emulated:
    """The functions behind the Pub/Sub emulator, and what became of every message that was published."""

    def __init__(self, port: Messages, inbox: Inbox) -> None:
        self._port = port
        self._inbox = inbox
        self._open = 0
        self._changed = threading.Condition()
        self.dead: list[tuple[str, str, dict[str, Any], str]] = []

    def publish(self, topic: str, data: Mapping[str, Any], *, message_id: str) -> None:
        """Publish, and count the message as open."""
        self._port.publish(topic, data, message_id=message_id)
        with self._changed:
            self._open += 1

    def push(self, function: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Take a push; what is acknowledged or dead is not open any more."""
        with self._changed:
            status = 204 if function == "dead_letters" else self._inbox(function, body, headers)
            if function == "dead_letters":
                self.dead.append(_letter(body))
            if 200 <= status < 300:
                self._open -= 1
                self._changed.notify_all()
            return status

    def drain(self) -> None:
        """Wait until no message is open; the emulator cannot be asked, so what it says is counted."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._open <= 0, WAIT_SECONDS), "the emulator keeps a message"


@contextmanager
def _google(inbox: Inbox) -> Iterator[MessagesUnderTest]:
    project = f"test-{uuid.uuid4().hex[:12]}"
    with ExitStack() as stack:
        channel = stack.enter_context(grpc.insecure_channel(os.environ["PUBSUB_EMULATOR_HOST"]))
        publisher = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
        subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
        emulated = Emulated(PubSubMessages(publisher, project), inbox)
        url = stack.enter_context(push_endpoint.serving(emulated.push))
        endpoints = {name: url.format(function=name) for name in ("direct", "dead_letters")}
        emulated_topics.ensure(
            publisher,
            subscriber,
            project,
            endpoints,
            dead_letters="dead_letters",
            attempts=ATTEMPTS,
            longest_pause=timedelta(seconds=1),
        )
        yield MessagesUnderTest(emulated, emulated.drain, emulated.dead, tells_attempts=False)
        for name in endpoints:
            subscriber.delete_subscription(subscription=f"projects/{project}/subscriptions/{name}")


def _letter(body: bytes) -> tuple[str, str, dict[str, Any], str]:
    message = json.loads(body)["message"]
    said = message["attributes"]
    subscription = said["CloudPubSubDeadLetterSourceSubscription"].rpartition("/")[2]
    count = said["CloudPubSubDeadLetterSourceDeliveryCount"]
    return subscription, said["message_id"], json.loads(b64decode(message["data"])), f"given up in attempt {count}"
