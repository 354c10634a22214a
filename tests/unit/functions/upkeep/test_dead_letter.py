"""What becomes of a message that nobody accepted."""

import base64
import json

import pytest

from common.domain.request import PipelineRequest
from common.engine import control
from common.engine.push import Delivery, parse
from common.engine.records import DeadLetter
from common.platform.documents import Conflict, Put
from functions.upkeep import dead_letter


def letters(context, kind):
    found = [DeadLetter.model_validate(letter.data) for letter in context.documents.query("dead_letters")]
    return [letter for letter in found if letter.kind == kind]


@pytest.fixture
def data(context):
    pipeline = control.submit(context, PipelineRequest(content="How lighthouses guided ships"), "ann")
    return {"pipeline_id": pipeline.id, "step": "analyze", "key": "analyze"}


def test_the_step_fails_with_a_reason_and_the_message_is_kept(context, data):
    for _ in range(2):
        dead_letter.run(context, Delivery(data, "m1", 5))
    pipeline = control.load(context, data["pipeline_id"])
    assert pipeline.status == "failed"
    assert pipeline.error.code == "undeliverable"
    [kept] = letters(context, "undeliverable")
    assert (kept.data, kept.message_id, kept.function) == (data, "m1", "analyze")
    [failed] = letters(context, "failed")
    assert (failed.pipeline_id, failed.key, failed.code) == (pipeline.id, "analyze", "undeliverable")


@pytest.mark.parametrize("value", [10**30, json.loads("[" * 30 + "]" * 30), "x" * 2_000_000])
def test_a_message_that_no_store_takes_as_it_is_is_kept_as_text(context, data, value):
    said = dead_letter.run(context, Delivery({**data, "odd": value}, "m1", 5))
    assert "has failed" in said
    [kept] = letters(context, "undeliverable")
    assert (kept.key, kept.data) == ("analyze", {})
    assert data["pipeline_id"] in kept.body


def test_a_store_too_busy_to_keep_the_message_is_asked_again(context, data, monkeypatch):
    def busy(_writes):
        raise Conflict("too much contention")

    monkeypatch.setattr(context.documents, "commit", busy)
    with pytest.raises(Conflict):
        dead_letter.run(context, Delivery(data, "m1", 5))


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"reason": "analyze answered 503 in attempt 10, the last one"}, "analyze answered 503 in attempt 10"),
        (
            {
                "CloudPubSubDeadLetterSourceDeliveryCount": "5",
                "CloudPubSubDeadLetterSourceSubscription": "analyze",
            },
            "analyze gave up after 5 deliveries",
        ),
        ({"CloudPubSubDeadLetterSourceDeliveryCount": "7"}, "its subscription gave up after 7 deliveries"),
        ({}, "no worker accepted it"),
    ],
)
def test_the_reason_is_what_the_bus_says(context, data, attributes, reason):
    message = {"data": base64.b64encode(json.dumps(data).encode()).decode(), "messageId": "9"}
    body = json.dumps({"message": {**message, "attributes": attributes}}).encode()
    dead_letter.run(context, parse(body, {}))
    assert reason in control.load(context, data["pipeline_id"]).error.detail
    [kept] = letters(context, "undeliverable")
    assert reason in kept.reason


def test_an_operator_finds_pipeline_step_and_reason_in_one_line(context, data, caplog):
    dead_letter.run(context, Delivery(data, "m1", 5, {"reason": "it answered 500"}))
    [line] = [record for record in caplog.records if record.name == dead_letter.__name__]
    assert line.levelname == "ERROR"
    assert (line.pipeline, line.step, line.reason) == (data["pipeline_id"], "analyze", "it answered 500")


def test_a_letter_that_was_replayed_stays_so_when_its_message_is_given_up_again(context, data):
    dead_letter.run(context, Delivery({}, "m1", 5))
    [found] = context.documents.query("dead_letters")
    context.documents.commit([Put(found.path, {**found.data, "replayed": {"by": "p2", "at": found.data["at"]}})])
    dead_letter.run(context, Delivery({}, "m1", 6))
    [kept] = letters(context, "undeliverable")
    assert kept.replayed is not None


def test_a_step_in_a_workers_hands_is_left_to_the_sweep(context, data):
    path = f"pipelines/{data['pipeline_id']}/steps/analyze"
    found = context.documents.get(path)
    context.documents.commit([Put(path, {**found.data, "state": "running", "epoch": 1})])
    assert "does not wait" in dead_letter.run(context, Delivery(data, "m1", 5))
    assert control.load(context, data["pipeline_id"]).status == "queued"


@pytest.mark.parametrize(
    "data", [{}, {"pipeline_id": 1, "key": 2}, {"pipeline_id": "gone", "key": "k"}, {"pipeline_id": "a/b", "key": ""}]
)
def test_a_message_about_nothing_is_only_kept(context, data):
    assert dead_letter.run(context, Delivery(data, "m1", 5)).startswith("kept")
    assert len(context.documents.query("dead_letters")) == 1
