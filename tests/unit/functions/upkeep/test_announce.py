from typing import Any

import pytest

from common.engine import announce as announcements
from common.engine import outbox, webhooks
from common.engine.context import Context
from common.engine.push import Delivery, InvalidEnvelope
from functions.upkeep import announce


def delivery(**data: Any) -> Delivery:
    return Delivery(data, "m1", 1)


def test_an_announcement_becomes_a_delivery_and_a_task(context: Context, posted: Any) -> None:
    webhooks.create(context, "h1", "ann", "https://hooks.example.com/", ["*"], b"x" * 32, description="", retries=3)
    row = announcements.dispatch("batch.created", "b1", "ann", {"id": "b1"}, context.clock.now())
    context.documents.commit([outbox.row(row)])
    assert announce.run(context, delivery(pipeline_id="", step="announce", key="", row=row.id)) == "1 deliveries"
    [found] = context.documents.query("webhooks/h1/deliveries")
    assert posted.sent == [("deliver_webhook", {"hook": "h1", "delivery": found.id, "turn": 0})]
    assert context.documents.query("outbox") == []
    assert announce.run(context, delivery(row=row.id)).startswith("nothing")


def test_where_nobody_listens_nothing_is_said(context: Context, posted: Any) -> None:
    row = announcements.dispatch("batch.created", "b1", "ann", {}, context.clock.now())
    context.documents.commit([outbox.row(row)])
    assert announce.run(context, delivery(row=row.id)) == ""
    assert posted.sent == []
    assert context.documents.query("outbox") == []


@pytest.mark.parametrize("data", [{}, {"row": ""}, {"row": 7}, {"row": "a/b"}, {"row": None}])
def test_a_delivery_that_names_no_announcement_is_poison(context: Context, data: dict[str, Any]) -> None:
    with pytest.raises(InvalidEnvelope):
        announce.run(context, delivery(**data))
