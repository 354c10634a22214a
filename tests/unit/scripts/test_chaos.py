"""The auditor of a chaos run has teeth: what it is for is found where it is put."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from common.domain.pipeline import Event, Failure, Pipeline, Step
from common.engine import store
from common.engine.records import Reservation
from common.platform.documents import Create
from common.platform.embedded.documents import SqliteDocuments
from functions.catalogue import CATALOGUE
from scripts.chaos_monkey import auditor
from scripts.chaos_monkey.clients import Followed
from scripts.chaos_monkey.gemini import CallBook
from scripts.chaos_monkey.orders import orders

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
[ORDER] = orders(1, seed=0)


@pytest.fixture
def documents(tmp_path: Path) -> Iterator[SqliteDocuments]:
    found = SqliteDocuments(tmp_path / "documents")
    yield found
    found.close()


def keep(documents: SqliteDocuments, pipeline_id: str = "p", **fields: Any) -> None:
    made = Pipeline(
        id=pipeline_id,
        owner="chaos",
        preset="quick_social",
        priority="low",
        title="",
        request={"content": ORDER.content},
        created_at=NOW,
        updated_at=NOW,
        **fields,
    )
    documents.commit([Create(store.pipeline_path(pipeline_id), made.model_dump(mode="json"))])


def charge(documents: SqliteDocuments, key: str, *, quantity: float, pipeline_id: str = "p") -> None:
    row = Reservation(
        key=key,
        pipeline_id=pipeline_id,
        step_key="direct",
        engine=auditor.PLANNER,
        version="1",
        state="settled",
        amount=210,
        quantity=quantity,
        at=NOW,
    )
    documents.commit([Create(store.ledger_path(pipeline_id, key), row.model_dump(mode="json"))])


def test_orders_follow_from_their_seed() -> None:
    made = orders(200, seed=7)
    assert made == orders(200, seed=7)
    assert made != orders(200, seed=8)
    assert len({order.key for order in made}) == 200
    assert len({order.content for order in made}) < 190
    kinds = [sum(order.paid for order in made), sum(order.twice for order in made)]
    assert all(30 < count < 120 for count in kinds)
    assert any(order.cancel_after is not None for order in made)


def test_what_did_not_end_is_lost(documents: SqliteDocuments) -> None:
    keep(documents, status="completed", result={})
    keep(documents, "q", status="processing")
    good, stuck = Followed(ORDER, {"p"}), Followed(ORDER, {"q"})
    silent = Followed(ORDER, problem="POST /pipeline/run was not answered")
    undone = Followed(ORDER, {"p"}, cancelled=True)
    assert auditor.lost([good], documents) == []
    assert [len(auditor.lost([one], documents)) for one in (stuck, silent, undone)] == [1, 1, 1]


def test_a_second_pipeline_or_end_is_a_doubled_effect(documents: SqliteDocuments) -> None:
    keep(documents, status="completed", result={})
    keep(documents, "q", status="completed", result={})
    both = Followed(ORDER, {"p", "q"})
    assert auditor.doubled([both], documents) == [f"{ORDER.key} made 2 pipelines: {', '.join(both.ids)}"]
    assert auditor.doubled([Followed(ORDER, {"p"})], documents) == ["pipeline q belongs to nobody's order"]
    for seq, kind in enumerate(("pipeline.completed", "pipeline.cancelled"), start=1):
        event = Event(seq=seq, type=kind, at=NOW).model_dump(mode="json")
        documents.commit([Create(f"pipelines/p/events/{seq:06d}", event)])
    apart = [Followed(ORDER, {"p"}), Followed(ORDER, {"q"})]
    assert auditor.doubled(apart, documents) == ["pipeline p began 0 times and ended 2 times"]


def test_charges_have_to_agree_with_the_provider(documents: SqliteDocuments) -> None:
    keep(documents)
    charge(documents, "direct.gemini-planner.1.0", quantity=0)  # asked, and killed before the answer
    charge(documents, "direct.gemini-planner.2.0", quantity=1500)
    assert auditor.overcharged(documents, {ORDER.content: 2}) == []
    assert auditor.overcharged(documents, {ORDER.content: 1}) == []  # killed before the request left
    assert "charged as answered" in auditor.overcharged(documents, {})[0]
    assert "asked 3 times" in auditor.overcharged(documents, {ORDER.content: 3})[0]
    charge(documents, "direct.gemini-planner.2.1", quantity=0)
    assert "twice for one attempt" in auditor.overcharged(documents, {ORDER.content: 3})[0]
    charge(documents, "direct.gemini-planner.3.0", quantity=1500)
    assert "2 answers" in auditor.overcharged(documents, {ORDER.content: 4})[0]


@pytest.mark.parametrize(("attempts", "worn", "otherwise"), [(5, 1, 0), (2, 0, 1)])
def test_a_failure_with_attempts_left_is_no_work_of_the_monkey(
    documents: SqliteDocuments, attempts: int, worn: int, otherwise: int
) -> None:
    failure = Failure(code="error", detail="it broke", step="direct")
    keep(documents, status="failed", error=failure)
    step = Step(
        pipeline_id="p", step="direct", key="direct", state="failed", attempts=attempts, deadline=NOW, created_at=NOW
    )
    documents.commit([Create(store.step_path("p", "direct"), step.model_dump(mode="json"))])
    counted, found = auditor.unexpected(documents, CATALOGUE)
    assert (counted, len(found)) == (worn, otherwise)


def test_the_book_counts_each_call_of_a_content() -> None:
    question = {"contents": [{"role": "user", "parts": [{"text": json.dumps({"content": "bees"})}]}]}
    with CallBook(seed=0) as book:
        for _ in range(2):
            answer = httpx.post(f"{book.url}/v1beta/models/any:generateContent", json=question)
            plan = json.loads(answer.json()["candidates"][0]["content"]["parts"][0]["text"])
            assert plan["title"] == "bees"
        assert book.calls == {"bees": 2}


@pytest.mark.slow
def test_a_small_run_keeps_every_promise(tmp_path: Path) -> None:
    words = ["--pipelines", "4", "--seed", "5", "--every", "8", "--home", str(tmp_path / "home"), "--json"]
    done = subprocess.run([ROOT / "scripts" / "chaos", *words], capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr + done.stdout
    report = json.loads(done.stdout)
    assert report["completed"] + report["failed"] + report["cancelled"] == 4
    assert sum(report["kills"].values()) > 0
    assert report["failed"] == report["worn_out"]
    assert report["lost"] == report["duplicated_effects"] == report["double_charges"] == []
