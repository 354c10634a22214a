"""What every Messages adapter promises: the push a function receives, until it takes it."""

import base64
import json
from typing import Any

import pytest

from tests.contract.adapters.inbox import Inbox
from tests.contract.adapters.messages import MessagesUnderTest


def payload(body: bytes) -> Any:
    return json.loads(base64.b64decode(json.loads(body)["message"]["data"]))


def test_a_message_is_pushed_to_the_function_named_by_its_topic(messages: MessagesUnderTest, inbox: Inbox) -> None:
    messages.port.publish("direct", {"pipeline_id": "p1", "text": "é 漢"}, message_id="direct-1")
    messages.drain()
    [(function, body, headers)] = inbox.calls
    assert function == "direct"
    assert headers["Content-Type"] == "application/json"
    envelope = json.loads(body)
    assert payload(body) == {"pipeline_id": "p1", "text": "é 漢"}
    assert envelope["message"]["attributes"]["message_id"] == "direct-1"
    assert envelope["message"]["messageId"]
    assert envelope["message"]["publishTime"].endswith("Z")
    assert envelope["subscription"].endswith("/direct")


@pytest.mark.parametrize("refusal", [500, 503, 429, 404])
def test_a_refused_message_comes_again_until_it_is_taken(
    messages: MessagesUnderTest, inbox: Inbox, refusal: int
) -> None:
    inbox.statuses = [refusal, refusal]
    messages.port.publish("direct", {"n": 1}, message_id="m")
    messages.drain()
    assert [payload(body) for _, body, _ in inbox.calls] == [{"n": 1}] * 3


def test_a_push_tells_which_attempt_it_is(messages: MessagesUnderTest, inbox: Inbox) -> None:
    if not messages.tells_attempts:
        pytest.skip("the Pub/Sub emulator leaves deliveryAttempt out of its pushes")
    inbox.statuses = [503, 503]
    messages.port.publish("direct", {}, message_id="m")
    messages.drain()
    assert [json.loads(body)["deliveryAttempt"] for _, body, _ in inbox.calls] == [1, 2, 3]


def test_a_message_nobody_takes_becomes_a_dead_letter(messages: MessagesUnderTest, inbox: Inbox) -> None:
    inbox.statuses = [500] * 100
    messages.port.publish("direct", {"n": 1}, message_id="m")
    messages.drain()
    [(topic, message_id, data, reason)] = messages.dead
    assert (topic, message_id, data) == ("direct", "m", {"n": 1})
    assert "attempt 5" in reason
    assert len(inbox.calls) == 5


def test_equal_ids_are_not_deduplicated(messages: MessagesUnderTest, inbox: Inbox) -> None:
    for _ in range(2):
        messages.port.publish("direct", {}, message_id="m")
    messages.drain()
    assert len(inbox.calls) == 2


def test_what_is_published_is_what_it_was_then(messages: MessagesUnderTest, inbox: Inbox) -> None:
    data = {"n": 1}
    messages.port.publish("direct", data, message_id="m")
    data["n"] = 2
    messages.drain()
    assert payload(inbox.calls[0][1]) == {"n": 1}
    with pytest.raises((TypeError, ValueError)):
        messages.port.publish("direct", {"n": float("nan")}, message_id="m")
