"""What PubSubMessages does beyond the contract, against a publisher that answers as told."""

import json
from collections.abc import Iterator

import grpc
import pytest
from google.pubsub_v1 import PublisherClient, PublishRequest, PublishResponse
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

from common.platform.documents import Unavailable
from common.platform.google.messages import PubSubMessages
from tests.protocol import grpc_service
from tests.protocol.grpc_service import Refused


class Topic:
    """The topic `direct` of project p; `refuse` answers the next calls with a status."""

    def __init__(self) -> None:
        self.requests: list[PublishRequest] = []
        self.refuse: list[grpc.StatusCode] = []

    def publish(self, request: PublishRequest) -> PublishResponse:
        self.requests.append(request)
        if self.refuse:
            raise Refused(self.refuse.pop(0), "refused by the test")
        if request.topic != "projects/p/topics/direct":
            raise Refused(grpc.StatusCode.NOT_FOUND, "Topic not found")
        return PublishResponse(message_ids=["1"])


@pytest.fixture
def topic() -> Topic:
    return Topic()


@pytest.fixture
def client(topic: Topic) -> Iterator[PublisherClient]:
    methods = {"Publish": (PublishRequest, topic.publish)}
    with grpc_service.serving({"google.pubsub.v1.Publisher": methods}) as channel:
        yield PublisherClient(transport=PublisherGrpcTransport(channel=channel))


def test_one_message_per_request_with_its_id(client: PublisherClient, topic: Topic) -> None:
    PubSubMessages(client, "p").publish("direct", {"text": "é"}, message_id="m-1")
    [request] = topic.requests
    [message] = request.messages
    assert json.loads(message.data) == {"text": "é"}
    assert dict(message.attributes) == {"message_id": "m-1"}
    assert message.ordering_key == ""


@pytest.mark.parametrize(
    "status",
    [
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.UNKNOWN,
    ],
)
def test_what_may_pass_is_tried_again(client: PublisherClient, topic: Topic, status: grpc.StatusCode) -> None:
    topic.refuse = [status]
    PubSubMessages(client, "p").publish("direct", {}, message_id="m")
    assert len(topic.requests) == 2


def test_what_does_not_pass_is_unavailable(client: PublisherClient, topic: Topic) -> None:
    topic.refuse = [grpc.StatusCode.UNAVAILABLE] * 100
    with pytest.raises(Unavailable, match="direct"):
        PubSubMessages(client, "p", patience=0.3).publish("direct", {}, message_id="m")


def test_a_refusal_for_good_is_not_repeated(client: PublisherClient, topic: Topic) -> None:
    topic.refuse = [grpc.StatusCode.PERMISSION_DENIED]
    with pytest.raises(Unavailable, match="direct"):
        PubSubMessages(client, "p").publish("direct", {}, message_id="m")
    assert len(topic.requests) == 1


def test_a_topic_that_does_not_exist_is_named(client: PublisherClient) -> None:
    with pytest.raises(Unavailable, match=r"projects/p/topics/nowhere.*terraform"):
        PubSubMessages(client, "p").publish("nowhere", {}, message_id="m")


def test_a_service_that_does_not_answer_is_unavailable() -> None:
    with grpc.insecure_channel("127.0.0.1:9") as channel:
        client = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
        with pytest.raises(Unavailable):
            PubSubMessages(client, "p", patience=0.3).publish("direct", {}, message_id="m")
