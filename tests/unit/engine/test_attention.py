"""What cannot be understood is listed, and hides nothing else that needs a person."""

from common.engine import attention
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
