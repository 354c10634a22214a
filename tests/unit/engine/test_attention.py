"""What cannot be understood is listed, and hides nothing else that needs a person."""

from common.engine import attention
from common.engine.batches import Batch
from common.engine.records import Dispatch
from common.platform.documents import Put
from tests.unit.engine.conftest import CATALOGUE, Bench


def test_an_unreadable_message_in_the_outbox_hides_no_other(bench: Bench) -> None:
    made = bench.submit()
    row = Dispatch(id="1", pipeline_id=made.id, step="analyze", key="analyze", created_at=bench.clock.now())
    data = row.model_dump(mode="json")
    bench.context.documents.commit([Put("outbox/0", {"no": "dispatch"}), Put("outbox/1", data)])
    bench.clock.advance(3600)
    found = [(trouble.kind, trouble.id) for trouble in attention.troubles(bench.context.documents, CATALOGUE)]
    assert ("unsent", made.id) in found
    assert ("violation", "0") in found


def test_a_step_of_another_version_hides_no_other_pipeline(bench: Bench) -> None:
    stuck, foreign = bench.submit(), bench.submit()
    documents = bench.context.documents
    [row] = documents.query(f"pipelines/{foreign.id}/steps")
    documents.commit([Put(row.path, {**row.data, "step": "unknown", "state": "running"})])
    bench.clock.advance(3600)
    found = attention.troubles(documents, CATALOGUE)
    assert ("stuck", stuck.id) in [(trouble.kind, trouble.id) for trouble in found]
    assert [trouble.reason for trouble in found if trouble.kind == "violation" and "unknown" in trouble.reason]


def test_a_batch_whose_pipelines_nobody_makes_is_stuck(bench: Bench) -> None:
    born = bench.clock.now()
    batch = Batch(id="b1", owner="ann", jobs=3, created_at=born)
    documents = bench.context.documents
    documents.commit([Put("batches/b1", batch.model_dump(mode="json")), Put("batches/b2", {"state": "accepted"})])
    assert [found.id for found in attention.troubles(documents, CATALOGUE)] == ["b2"]
    bench.clock.advance(3600)
    [stuck] = [found for found in attention.troubles(documents, CATALOGUE) if found.kind == "stuck"]
    assert (stuck.id, stuck.since) == ("b1", born)
    assert "3 jobs" in stuck.reason
