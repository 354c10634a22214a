"""`aiprod audit` and `aiprod replay` as an operator uses them, on the store of this machine."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from common.domain.request import PipelineRequest
from common.engine import control, outbox, store, worker
from common.engine.context import Context
from common.engine.push import Delivery
from common.engine.task import StepFailed, Task
from common.platform.documents import Put
from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.documents import SqliteDocuments
from functions.upkeep import announce, dead_letter
from scripts.local import cli
from scripts.local import replay as command
from tests.http_world import Posted, make_context


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    """A world whose clock stands where every wait is long over for the commands."""
    monkeypatch.setenv("AIPROD_HOME", str(tmp_path))
    monkeypatch.setattr(command, "PATIENCE_SECONDS", 0.0)
    clock = VirtualClock()
    documents = SqliteDocuments(tmp_path / "documents.sqlite3", clock)
    yield make_context(tmp_path, clock, Posted(), documents)
    documents.close()


@pytest.fixture
def aiprod(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """aiprod("audit") -> exit code, standard output, standard error."""

    def call(*words: str) -> tuple[int, str, str]:
        code = cli.main(words)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def submit(context: Context) -> str:
    return control.submit(context, PipelineRequest(content="How lighthouses guided ships"), "ann").id


def announced(context: Context) -> None:
    """Have the announcer take what waits for it."""
    for row in context.documents.query("outbox"):
        if row.data["step"] == "announce":
            announce.run(context, Delivery({"row": row.id}, row.id, 1))


def poisoned(context: Context) -> str:
    """A pipeline whose first message nobody took."""
    pipeline_id = submit(context)
    data = {"pipeline_id": pipeline_id, "step": "analyze", "key": "analyze"}
    reason = {"reason": "analyze answered 500 in attempt 10, the last one, and 500 in the nine attempts before it"}
    dead_letter.run(context, Delivery(data, "m1", 10, reason))
    announced(context)
    return pipeline_id


def test_a_store_in_order_needs_nobody(aiprod: Any, context: Context) -> None:
    refused = submit(context)

    def refuse(_: Task) -> Any:
        raise StepFailed("content_refused", "It asks for what is not made here.")

    worker.deliver(context, refuse, refused, "analyze")
    assert control.load(context, refused).status == "failed"
    announced(context)
    assert aiprod("audit") == (0, "Nothing needs a person.\n", "")
    code, said, _ = aiprod("audit", "--json")
    assert (code, json.loads(said)) == (0, {"ok": True, "troubles": []})


def test_a_poisoned_pipeline_is_listed_with_its_reason_and_replayed(aiprod: Any, context: Context) -> None:
    pipeline_id = poisoned(context)
    code, said, _ = aiprod("audit")
    assert code == 1
    lines = said.splitlines()
    assert lines[0] == f"failed inside: {pipeline_id} (failed)"
    assert all(len(line) <= 60 for line in lines)
    assert "answered 500 in attempt 10" in " ".join(said.split())
    assert f"  next  aiprod replay {pipeline_id}" in lines
    assert lines[-1] == "Needs a person: 1 failed inside."

    code, said, _ = aiprod("replay", pipeline_id, "--json")
    report = json.loads(said.splitlines()[-1])
    assert (code, report["replay_of"], report["sent"], report["taken_up"]) == (0, pipeline_id, ["analyze"], False)
    assert "`aiprod serve` will" in said
    assert control.load(context, report["id"]).replay_of == pipeline_id
    assert outbox.relay_old(context, store.CLIENT_PATIENCE * 0) == 1

    code, said, _ = aiprod("replay", pipeline_id)
    assert said == f"Pipeline {report['id']} went on from {pipeline_id} before; it is queued.\n"


def test_what_a_server_takes_up_at_once_is_said_so(
    aiprod: Any, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "PATIENCE_SECONDS", 30.0)
    monkeypatch.setattr(command.time, "sleep", lambda _: outbox.relay_old(context, store.CLIENT_PATIENCE * 0))
    code, said, _ = aiprod("replay", poisoned(context), "--json")
    assert code == 0
    assert json.loads(said.splitlines()[-1])["taken_up"] is True
    assert "aiprod serve" not in said


def test_a_stuck_pipeline_is_listed_and_sent_again(aiprod: Any, context: Context) -> None:
    pipeline_id = submit(context)
    code, said, _ = aiprod("audit", "--json")
    [trouble] = json.loads(said)["troubles"]
    assert (code, trouble["kind"], trouble["step"], trouble["next"]) == (
        1,
        "stuck",
        "analyze",
        f"aiprod replay {pipeline_id}",
    )
    code, said, _ = aiprod("replay", pipeline_id)
    assert (code, said.splitlines()[0]) == (0, f"Sent again for analyze of pipeline {pipeline_id}.")


def test_a_message_for_nobody_is_listed_and_dismissed(aiprod: Any, context: Context) -> None:
    dead_letter.run(context, Delivery({"at": "once"}, "m1", 5))
    code, said, _ = aiprod("audit", "--json")
    [trouble] = json.loads(said)["troubles"]
    assert (code, trouble["kind"]) == (1, "dead letter")
    assert trouble["next"] == f"aiprod replay {trouble['id']} --dismiss"
    code, _, said = aiprod("replay", trouble["id"])
    assert (code, said) == (1, "aiprod: The letter names no step run, so there is nobody to send it to.\n")
    code, said, _ = aiprod("replay", trouble["id"], "--dismiss")
    assert (code, said) == (0, f"Noted as seen: 1 dead letter of {trouble['id']}.\n")
    assert aiprod("audit")[0] == 0


def test_a_broken_promise_and_an_unreadable_document_are_listed(aiprod: Any, context: Context) -> None:
    pipeline_id = submit(context)
    path = store.pipeline_path(pipeline_id)
    found = context.documents.get(path)
    assert found is not None
    context.documents.commit([Put(path, {**found.data, "seq": 3})])
    code, said, _ = aiprod("audit")
    assert code == 1
    assert f"broken promise: {pipeline_id} (the event log has no gap)" in said
    context.documents.commit([Put("dead_letters/old", {"replayed": None, "shape": "of another version"})])
    assert "dead_letters/old cannot be read" in " ".join(aiprod("audit")[1].split())


@pytest.mark.parametrize("name", ["gone", "a/b", "..", "x\ny"])
def test_an_unknown_id_is_a_sentence(aiprod: Any, context: Context, name: str) -> None:
    code, _, said = aiprod("replay", name)
    assert (code, said.count("\n")) == (2, 1)
