"""Topics on the Pub/Sub emulator, and what a push of the real thing looks like to the reader of envelopes."""

import os
import queue
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

import grpc
import pytest
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from common.engine.push import parse
from common.platform.google import emulated_topics
from common.platform.google.messages import PubSubMessages
from tests.protocol import push_endpoint

pytestmark = pytest.mark.emulators

WAIT_SECONDS = 60


class World:
    """A project of its own on the emulator; `pushed` holds what its functions got, `status` is what they answer."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.project = f"test-{uuid.uuid4().hex[:12]}"
        self.publisher = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
        self.subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
        self.messages = PubSubMessages(self.publisher, self.project)
        self.pushed: queue.Queue[tuple[str, bytes, Mapping[str, str]]] = queue.Queue()
        self.status: Callable[[str], int] = lambda _function: 204

    def push(self, function: str, body: bytes, headers: Mapping[str, str]) -> int:
        self.pushed.put((function, body, headers))
        return self.status(function)

    def ensure(self, url: str) -> None:
        endpoints = {name: url.format(function=name) for name in ("direct", "dead_letters")}
        topics = self.publisher, self.subscriber, self.project
        pause = timedelta(seconds=1)
        emulated_topics.ensure(*topics, endpoints, dead_letters="dead_letters", attempts=5, longest_pause=pause)


@pytest.fixture
def world() -> Iterator[World]:
    with grpc.insecure_channel(os.environ["PUBSUB_EMULATOR_HOST"]) as channel:
        made = World(channel)
        yield made
        for name in ("direct", "dead_letters"):
            made.subscriber.delete_subscription(subscription=f"projects/{made.project}/subscriptions/{name}")


def test_what_was_published_while_nobody_listened_comes_to_the_next_process(world: World) -> None:
    with push_endpoint.serving(world.push) as gone:
        world.ensure(gone)
    world.messages.publish("direct", {"n": 1}, message_id="m")
    with push_endpoint.serving(world.push) as url:
        world.ensure(url)
        function, body, headers = world.pushed.get(timeout=WAIT_SECONDS)
    assert function == "direct"
    delivery = parse(body, headers)
    assert (delivery.data, delivery.message_id, delivery.attempt) == ({"n": 1}, "m", 1)


def test_a_dead_letter_tells_where_it_comes_from(world: World) -> None:
    world.status = lambda function: 204 if function == "dead_letters" else 500
    with push_endpoint.serving(world.push) as url:
        world.ensure(url)
        world.messages.publish("direct", {"n": 1}, message_id="m")
        calls = [world.pushed.get(timeout=WAIT_SECONDS) for _ in range(6)]
    assert [function for function, _, _ in calls] == ["direct"] * 5 + ["dead_letters"]
    letter = parse(*calls[-1][1:])
    assert (letter.data, letter.message_id) == ({"n": 1}, "m")
    assert letter.attributes["CloudPubSubDeadLetterSourceSubscription"] == "direct"
    assert letter.attributes["CloudPubSubDeadLetterSourceSubscriptionProject"] == world.project
    assert letter.attributes["CloudPubSubDeadLetterSourceDeliveryCount"] == "5"
