from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from common.engine import announce, deliveries, outbox, webhooks
from common.engine.context import Context
from common.engine.push import Delivery, InvalidEnvelope
from common.platform.egress import EgressReply
from functions.upkeep import deliver_webhook


class Server:
    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> EgressReply:
        return EgressReply(200)


def task(**data: Any) -> Delivery:
    return Delivery(data, "t1", 1)


def test_a_task_makes_the_attempt_of_its_turn_once(context: Context, posted: Any) -> None:
    outside = replace(context, egress=Server())
    webhooks.create(outside, "h1", "ann", "https://hooks.example.com/", ["*"], b"x" * 32, description="", retries=3)
    row = announce.dispatch("batch.created", "b1", "ann", {"id": "b1"}, context.clock.now())
    outside.documents.commit([outbox.row(row)])
    deliveries.fan_out(outside, row.id)
    [(_, data)] = posted.sent
    assert deliver_webhook.run(outside, task(**data)) == "delivered: 200"
    assert deliver_webhook.run(outside, task(**data)).startswith("nothing")


def test_a_message_that_is_gone_needs_nothing(context: Context) -> None:
    assert deliver_webhook.run(context, task(hook="h1", delivery="msg_1", turn=0)).startswith("nothing")


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"hook": "h1", "delivery": "msg_1"},
        {"hook": "h1", "delivery": "msg_1", "turn": "0"},
        {"hook": "h1", "delivery": "msg_1", "turn": True},
        {"hook": "a/b", "delivery": "msg_1", "turn": 0},
        {"hook": "h1", "delivery": "..", "turn": 0},
        {"hook": 1, "delivery": "msg_1", "turn": 0},
    ],
)
def test_a_task_that_names_no_message_and_turn_is_poison(context: Context, data: dict[str, Any]) -> None:
    with pytest.raises(InvalidEnvelope):
        deliver_webhook.run(context, task(**data))
