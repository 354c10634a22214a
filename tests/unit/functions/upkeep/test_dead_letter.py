"""What becomes of a message that nobody accepted."""

import pytest

from common.domain.request import PipelineRequest
from common.engine import control
from common.engine.push import Delivery
from functions.upkeep import dead_letter


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
    kept = [letter.data["data"] for letter in context.documents.query("dead_letters") if "data" in letter.data]
    assert kept == [data]


def test_a_step_in_a_workers_hands_is_left_to_the_sweep(context, data):
    path = f"pipelines/{data['pipeline_id']}/steps/analyze"
    found = context.documents.get(path)
    from common.platform.documents import Put

    context.documents.commit([Put(path, {**found.data, "state": "running", "epoch": 1})])
    assert "does not wait" in dead_letter.run(context, Delivery(data, "m1", 5))
    assert control.load(context, data["pipeline_id"]).status == "queued"


@pytest.mark.parametrize(
    "data", [{}, {"pipeline_id": 1, "key": 2}, {"pipeline_id": "gone", "key": "k"}, {"pipeline_id": "a/b", "key": ""}]
)
def test_a_message_about_nothing_is_only_kept(context, data):
    assert dead_letter.run(context, Delivery(data, "m1", 5)).startswith("kept")
    assert len(context.documents.query("dead_letters")) == 1
