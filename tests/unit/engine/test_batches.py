"""Batches: accepted whole, each pipeline made once whatever happens, and one word at the end."""

import contextlib
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from common.domain.pipeline import Outcome
from common.domain.queries import SHAPES, Shape
from common.domain.request import PipelineRequest
from common.engine import batches, control, rounds
from common.engine.batches import Batch
from common.engine.context import Context
from common.engine.records import Dispatch
from common.engine.sweep import sweep
from common.engine.task import StepFailed, Task
from common.platform.documents import Conflict, Delete, Document, Put, Unavailable, Write
from common.platform.query_shape import shape_of
from tests.unit.engine.conftest import Bench


class Crash(BaseException):
    """The process ends here."""


def requests(count: int, **fields: Any) -> list[PipelineRequest]:
    return [PipelineRequest(content=f"Ten characters at least, number {n}", **fields) for n in range(count)]


def submit(bench: Bench, count: int, budget: float | None = None) -> Batch:
    return batches.submit(bench.context, requests(count), "ann", batch_id="b1", budget=budget)


def finish(bench: Bench, fails: Callable[[Task], bool] = lambda _: False) -> None:
    """Run every pipeline to its end, some of them badly."""

    def analyze(task: Task) -> Outcome:
        if fails(task):
            raise StepFailed("refused", "It is not made.")
        return Outcome(complete={"files": {}})

    bench.handlers = {"analyze": analyze}
    bench.drain(limit=2000)


def announced(bench: Bench) -> list[str]:
    """Batch events that were put into the outbox, ever."""
    return [name for name in bench.written if name.startswith("outbox/b1.batch.")]  # type: ignore[attr-defined]


@pytest.fixture
def bench(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A bench that remembers every path that was committed."""
    written: list[str] = []
    commit = bench.context.documents.commit

    def noted(writes: Sequence[Write]) -> None:
        commit(writes)
        written.extend(write.path for write in writes if not isinstance(write, Delete))

    monkeypatch.setattr(bench.context.documents, "commit", noted)
    bench.written = written  # type: ignore[attr-defined]
    return bench


def test_a_batch_makes_every_pipeline_and_sends_for_it(bench: Bench) -> None:
    batch = submit(bench, 45)
    assert (batch.state, batch.jobs, batch.owner) == ("running", 45, "ann")
    made = batches.pipelines(bench.context.documents, "b1")
    assert set(made) == {batches.pipeline_id("b1", number) for number in range(1, 46)}
    assert {pipeline.owner for pipeline in made.values()} == {"ann"}
    jobs = batches.jobs(bench.context.documents, "b1")
    assert [made[job.pipeline_id].request for job in jobs] == [one.model_dump(mode="json") for one in requests(45)]
    finish(bench)
    assert sorted(bench.ran) == ["analyze"] * 45


def test_all_of_a_hundred_finish_and_one_word_is_said_of_it(bench: Bench) -> None:
    submit(bench, 100)
    finish(bench, fails=lambda task: task.pipeline.id == batches.pipeline_id("b1", 7))
    batch = batches.load(bench.context.documents, "b1")
    assert (batch.state, batch.completed_at) == ("completed", bench.clock.now())
    statuses = [pipeline.status for pipeline in batches.pipelines(bench.context.documents, "b1").values()]
    assert (statuses.count("completed"), statuses.count("failed")) == (99, 1)
    assert announced(bench) == ["outbox/b1.batch.created", "outbox/b1.batch.completed"]
    assert not batches.close(bench.context, "b1")


def test_the_word_says_how_it_ended(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(bench, 3)
    said: list[Dispatch] = []
    monkeypatch.setattr("common.engine.outbox.relay", lambda _context, rows: said.extend(rows))
    control.cancel(bench.context, batches.pipeline_id("b1", 1), by="ann")
    assert not batches.close(bench.context, "b1")
    for number in (2, 3):
        control.cancel(bench.context, batches.pipeline_id("b1", number), by="ann")
    assert batches.close(bench.context, "b1")
    [told] = [row.announcement for row in said if row.announcement and row.announcement.type == "batch.completed"]
    assert (told.owner, told.subject) == ("ann", "b1")
    assert told.data == {"id": "b1", "jobs": 3, "counts": {"cancelled": 3}, "cost": {"spent": 0.0}}


@pytest.mark.parametrize("survives", range(5))
def test_a_crash_in_the_middle_is_healed_by_the_sweep_and_by_a_repeat(
    make_bench: Callable[[], Bench], monkeypatch: pytest.MonkeyPatch, survives: int
) -> None:
    """It dies after that many commits: of the batch, of its pipelines and of the note that all are made."""
    for heal in ("sweep", "repeat", "both"):
        bench = make_bench()
        commit, left = bench.context.documents.commit, [survives]

        def dying(writes: Sequence[Write], commit: Any = commit, left: list[int] = left) -> None:
            if not left[0]:
                raise Crash
            left[0] -= 1
            commit(writes)

        with monkeypatch.context() as patched, contextlib.suppress(Crash):
            patched.setattr(bench.context.documents, "commit", dying)
            submit(bench, 45)
        bench.clock.advance(60)
        if heal != "repeat":
            batches.sweep(bench.context)
        if heal != "sweep" or not survives:  # what was not accepted is the client's to send again
            submit(bench, 45)
        assert bench.context.documents.count("pipelines") == 45
        assert batches.load(bench.context.documents, "b1").state == "running"
        bench.handlers = {"analyze": lambda _: Outcome(complete={})}
        bench.drain(limit=2000)
        bench.clock.advance(120)
        sweep(bench.context)
        bench.drain(limit=2000)
        assert sorted(set(bench.ran)) == ["analyze"]
        assert {one.status for one in batches.pipelines(bench.context.documents, "b1").values()} == {"completed"}
        assert batches.load(bench.context.documents, "b1").state == "completed"


def test_a_young_batch_is_left_to_its_request_except_at_a_start(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(batches, "begin", lambda *_args, **_more: 0)
        assert submit(bench, 3).state == "accepted"
    assert batches.sweep(bench.context) == 0
    assert batches.sweep(bench.context, at_start=True) == 3
    assert batches.load(bench.context.documents, "b1").state == "running"


def test_two_who_start_one_batch_at_once_make_each_pipeline_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    commit, raced = bench.context.documents.commit, []

    def race(writes: Sequence[Write]) -> None:
        if any(write.path.startswith("pipelines/") for write in writes) and len(raced) == 1:
            raced.append(writes)
            bench.clock.advance(60)
            batches.sweep(bench.context)
        elif any(write.path.startswith("pipelines/") for write in writes):
            raced.append(writes)
        commit(writes)

    monkeypatch.setattr(bench.context.documents, "commit", race)
    assert submit(bench, 50).state == "running"
    assert bench.context.documents.count("pipelines") == 50
    finish(bench)
    assert sorted(bench.ran) == ["analyze"] * 50


def test_commits_whose_answers_are_lost_make_nothing_twice(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    commit, lost = bench.context.documents.commit, set[str]()

    def lose(writes: Sequence[Write]) -> None:
        commit(writes)
        if writes[0].path not in lost:
            lost.add(writes[0].path)
            raise Unavailable("the answer was lost")

    monkeypatch.setattr(bench.context.documents, "commit", lose)
    assert submit(bench, 50).state == "running"
    assert bench.context.documents.count("pipelines") == 50


def test_a_batch_that_was_accepted_stays_accepted_whatever_the_store_does_then(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = bench.context.documents.commit

    def busy(writes: Sequence[Write]) -> None:
        if any(write.path.startswith("pipelines/") for write in writes):
            raise Conflict("too much contention")
        commit(writes)

    with monkeypatch.context() as patched:
        patched.setattr(bench.context.documents, "commit", busy)
        assert submit(bench, 3).state == "accepted"
    bench.clock.advance(60)
    assert batches.sweep(bench.context) == 3


def test_the_sweep_closes_a_batch_whose_end_nobody_noticed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(bench, 2)
    monkeypatch.setattr(batches, "heard", lambda *_: None)
    finish(bench)
    assert batches.load(bench.context.documents, "b1").state == "running"
    assert batches.sweep(bench.context) == 1
    assert batches.load(bench.context.documents, "b1").state == "completed"
    assert batches.sweep(bench.context) == 0


def test_however_many_batches_wait_each_has_its_turn_and_a_sweep_is_bounded(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of sixty whose clients take their time over the plans, only the last one has ended, and nobody heard of it."""
    monkeypatch.setattr(rounds, "PAGE", 5)
    monkeypatch.setattr(rounds, "MOST", 20)
    ids = [f"b{number:02d}" for number in range(60)]
    for one in ids:
        batches.submit(bench.context, requests(1), "ann", batch_id=one, budget=None)
    control.cancel(bench.context, batches.pipeline_id(ids[-1], 1), by="ann")
    looked_at: list[str] = []
    close = batches.close

    def noted(context: Context, one: str) -> bool:
        looked_at.append(one)
        return close(context, one)

    monkeypatch.setattr(batches, "close", noted)
    turns = [batches.sweep(bench.context) for _ in range(3)]
    assert (turns, looked_at) == ([0, 0, 1], ids)
    assert batches.load(bench.context.documents, ids[-1]).state == "completed"


def test_a_batch_that_ended_before_all_of_it_was_made_is_closed_behind_very_many_others(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(60):
        batches.submit(bench.context, requests(1), "ann", batch_id=f"a{number:02d}", budget=None)
    with monkeypatch.context() as patched:
        patched.setattr(batches, "_advance", lambda *_: None)  # its request dies before it says that all are made
        submit(bench, 2)
    for number in (1, 2):
        control.cancel(bench.context, batches.pipeline_id("b1", number), by="ann")
    bench.announce()
    assert batches.load(bench.context.documents, "b1").state == "accepted"
    bench.clock.advance(60)
    batches.sweep(bench.context)
    assert batches.load(bench.context.documents, "b1").state == "completed"


def test_one_broken_batch_keeps_no_other_from_being_swept(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(batches, "begin", lambda *_args, **_more: 0)
        submit(bench, 3)
        batches.submit(bench.context, requests(2), "ann", batch_id="b0", budget=None)
    found = bench.context.documents.get("batches/b0/jobs/001")
    assert found is not None
    bench.context.documents.commit([Put(found.path, {"broken": True}), Put("batches/a", {"state": "accepted"})])
    bench.clock.advance(timedelta(minutes=1).total_seconds())
    assert batches.sweep(bench.context) == 3


def test_the_pipelines_of_a_batch_are_found_by_an_index_however_many_others_there_are(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents, asked = bench.context.documents, set[Shape]()
    query, count = documents.query, documents.count

    def noted(collection: str, where: Any = (), order: Any = (), *rest: Any, **more: Any) -> list[Document]:
        asked.add(shape_of(collection, where, order))
        return query(collection, where, order, *rest, **more)

    def counted(collection: str, where: Any = ()) -> int:
        asked.add(shape_of(collection, where))
        return count(collection, where)

    monkeypatch.setattr(documents, "query", noted)
    monkeypatch.setattr(documents, "count", counted)
    submit(bench, 3)
    finish(bench)
    assert batches.load(documents, "b1").state == "completed"
    assert {one for one in asked if one.collection == "pipelines"} == {one for one in SHAPES if "batch" in one.equal}


@pytest.mark.parametrize(
    ("own", "budget", "caps"),
    [
        ((None, None), None, [None, None]),
        ((0.5, None), None, [500_000, None]),
        ((None, None, None), 1.0, [333_333] * 3),
        ((0.5, None, None), 1.0, [500_000, 250_000, 250_000]),
        ((0.5, 0.5), 5.0, [500_000, 500_000]),
        ((None, 1.0), 1.0, [0, 1_000_000]),
    ],
)
def test_a_budget_is_shared_by_the_jobs_without_one_of_their_own(
    bench: Bench, own: tuple[float | None, ...], budget: float | None, caps: list[int | None]
) -> None:
    asked = [PipelineRequest(content="Ten characters at least", budget=one) for one in own]
    batches.submit(bench.context, asked, "ann", batch_id="b1", budget=budget)
    made = batches.pipelines(bench.context.documents, "b1")
    assert [made[job.pipeline_id].cost.cap for job in batches.jobs(bench.context.documents, "b1")] == caps
