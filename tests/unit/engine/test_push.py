"""The envelopes of Pub/Sub (documented, and as its emulator writes them), Cloud Tasks and Cloud Scheduler."""

import base64
import json
from typing import Any

import pytest

from common.engine.push import Delivery, InvalidEnvelope, parse

DATA = {"pipeline_id": "p1", "key": "visual-3"}
TEXT = base64.b64encode(json.dumps(DATA).encode()).decode()
JSON = {"Content-Type": "application/json"}


def pubsub(**more: Any) -> bytes:
    message = {
        "data": TEXT,
        "attributes": {"message_id": "visual-3-1"},
        "messageId": "2070443601311540",
        "message_id": "2070443601311540",
        "publishTime": "2026-11-20T19:13:55.749Z",
        "publish_time": "2026-11-20T19:13:55.749Z",
    }
    envelope = {"subscription": "projects/p/subscriptions/generate_visual", **more.pop("envelope", {})}
    return json.dumps({**envelope, "message": {**message, **more}}).encode()


def test_what_pubsub_pushes_in_production() -> None:
    body = pubsub(orderingKey="", envelope={"deliveryAttempt": 5})
    assert parse(body, JSON) == Delivery(DATA, "visual-3-1", 5, {"message_id": "visual-3-1"})


def test_what_its_emulator_pushes_lacks_the_attempt() -> None:
    assert parse(pubsub(), JSON) == Delivery(DATA, "visual-3-1", 1, {"message_id": "visual-3-1"})


def test_a_message_of_somebody_else_has_the_id_of_the_bus() -> None:
    assert parse(pubsub(attributes={}), JSON).message_id == "2070443601311540"
    assert parse(pubsub(attributes=None), JSON).message_id == "2070443601311540"


def test_a_message_of_attributes_alone_has_no_data() -> None:
    body = {"message": {"attributes": {"eventType": "SECRET_ROTATE"}, "messageId": "1"}, "subscription": "s"}
    assert parse(json.dumps(body).encode(), JSON) == Delivery({}, "1", 1, {"eventType": "SECRET_ROTATE"})


def test_a_dead_letter_says_where_it_comes_from() -> None:
    attributes = {
        "message_id": "visual-3-1",
        "CloudPubSubDeadLetterSourceDeliveryCount": "5",
        "CloudPubSubDeadLetterSourceSubscription": "generate_visual",
        "CloudPubSubDeadLetterSourceSubscriptionProject": "p",
        "CloudPubSubDeadLetterSourceTopicPublishTime": "2026-11-20T19:13:55.749Z",
    }
    assert parse(pubsub(attributes=attributes), JSON) == Delivery(DATA, "visual-3-1", 1, attributes)


@pytest.mark.parametrize("retries", ["0", "4"])
def test_what_cloud_tasks_calls_with(retries: str) -> None:
    headers = {
        **JSON,
        "X-Cloudtasks-Taskname": "9f86d081884c7d65",  # as a WSGI server spells it
        "X-Cloudtasks-Taskretrycount": retries,
        "X-Cloudtasks-Queuename": "assets-high",
    }
    assert parse(json.dumps(DATA).encode(), headers) == Delivery(DATA, "9f86d081884c7d65", int(retries) + 1)


@pytest.mark.parametrize("body", [b"{}", b""])
def test_what_cloud_scheduler_calls_with(body: bytes) -> None:
    assert parse(body, {**JSON, "X-Cloudscheduler": "true"}) == Delivery({}, "", 1)


DEEP = b"[" * 200_000


@pytest.mark.parametrize("body", [DEEP, pubsub(data=base64.b64encode(DEEP).decode())])
def test_what_is_nested_too_deep_to_be_read_will_never_be_read(body: bytes) -> None:
    with pytest.raises(InvalidEnvelope):
        parse(body, JSON)


@pytest.mark.parametrize("retries", ["²", "-1", "", "9" * 5000])
def test_a_count_that_is_no_number_is_no_reason_to_refuse_a_task(retries: str) -> None:
    assert parse(b"{}", {"X-CloudTasks-TaskRetryCount": retries}).attempt == 1
