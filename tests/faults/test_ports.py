"""Stores, queues, jobs and clients that lose answers: what the outcome is when nobody said so."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from common.engine import store
from common.engine.context import Context
from common.engine.task import Handed
from common.platform.clock import SystemClock
from common.platform.documents import Conflict, Create, Unavailable, Update, Write
from common.platform.embedded.documents import SqliteDocuments
from common.platform.jobs import JobsUnavailable
from common.platform.objects import StorageUnavailable
from functions.catalogue import CATALOGUE
from scripts.simulation.media import SEGMENTS
from scripts.simulation.scheduler import Process
from tests.faults.stage import STEPS, Fault, Stage, calm, crash, fail
from tests.http_world import clock, context, posted, routed

__all__ = ["clock", "context", "posted"]

Make = Callable[..., Stage]

JOBS = [step for step in STEPS if CATALOGUE.rules(step).job]


def away() -> Exception:
    return Unavailable("the store did not answer in time")


@pytest.mark.parametrize("step", STEPS)
def test_row_18_a_store_that_is_away_is_asked_again(stage: Make, step: str) -> None:
    asked = {"get", "commit"} | {port for port in ("query",) if (f"before:{port}", step) in calm().passed}
    stage(*(Fault(f"before:{port}", step, fail(away), times=2) for port in sorted(asked))).play()


@pytest.mark.parametrize("step", STEPS)
def test_row_18_a_commit_whose_answer_was_lost_is_recognised(stage: Make, step: str) -> None:
    """Every first answer is lost: of the claim, of every artefact, of the outcome."""
    every_other = [0]

    def lose(_world: Stage, _process: Process) -> None:
        every_other[0] += 1
        if every_other[0] % 2:
            raise away()

    world = stage(Fault("after:commit", step, lose, times=999)).play()
    assert all(run.state == "done" for run in world.steps.values())


@pytest.mark.parametrize("step", STEPS)
def test_row_18_a_claim_whose_answer_was_lost_is_ours(stage: Make, step: str) -> None:
    fault = Fault("after:commit", step, fail(away))
    world = stage(fault).play()
    assert world.repeated == {}
    assert world.steps[fault.met[0]].epoch == 1


@pytest.mark.parametrize("step", [step for step in STEPS if ("before:put", step) in calm().passed])
def test_row_18_a_silent_object_store_is_asked_again(stage: Make, step: str) -> None:
    lost = fail(lambda: StorageUnavailable("the objects did not answer in time"))
    stage(Fault("before:put", step, lost), Fault("after:put", step, lost)).play()


def test_row_19_a_hundred_writers_of_one_document_lose_nothing(tmp_path: Any) -> None:
    documents = SqliteDocuments(tmp_path / "documents.sqlite3")
    documents.commit([Create("counters/hot", {"count": 0})])
    written: list[int] = []
    refused: list[Exception] = []
    took: list[float] = []

    def write() -> None:
        def attempt() -> int:
            found = documents.get("counters/hot")
            assert found is not None
            count = found.data["count"] + 1
            documents.commit([Update("counters/hot", {"count": count}, found.version)])
            return int(count)

        began = time.monotonic()
        try:
            written.append(store.settle(SystemClock(), attempt))
        except Conflict as over:
            refused.append(over)
        took.append(time.monotonic() - began)

    threads = [threading.Thread(target=write) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = documents.get("counters/hot")
    documents.close()
    print(f"100 writers of one document: p99 {sorted(took)[98]:.2f} s")  # noqa: T201 - shown by -rP
    assert found is not None
    assert sorted(written) == list(range(1, found.data["count"] + 1))
    assert len(written) + len(refused) == 100


def test_row_19_a_document_too_hot_to_write_is_503_and_nothing_is_lost(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(routed(context), Response)
    commit = context.documents.commit

    def contended(writes: list[Write]) -> None:
        if any(write.path.startswith("pipelines/") for write in writes):
            raise Unavailable("too much contention on these documents")
        commit(writes)

    monkeypatch.setattr(context.documents, "commit", contended)
    answer = post(client, "key")
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True)
    monkeypatch.undo()
    assert post(client, "key").status_code == 202
    assert context.documents.count("pipelines") == 1


@pytest.mark.parametrize("step", JOBS)
@pytest.mark.parametrize("lost", ["after:start job", "point:after_job_start"])
def test_row_21_a_job_whose_start_was_not_answered_is_started_once(stage: Make, step: str, lost: str) -> None:
    silent = fail(lambda: JobsUnavailable("the answer was lost"))
    world = stage(Fault(lost, step, silent if lost.startswith("after") else crash)).play()
    assert len(world.jobs.executions) == len(calm().keys[step])
    assert world.repeated == {}


@pytest.mark.parametrize("step", JOBS)
@pytest.mark.parametrize("spare", range(SEGMENTS))
def test_row_22_a_job_that_was_killed_goes_on_at_the_first_missing_segment(stage: Make, step: str, spare: int) -> None:
    world = stage(Fault("kill_job", step, spare=spare)).play()
    assert world.repeated == {}
    assert world.pipeline.facts["rendered"] == SEGMENTS - spare
    assert [execution.attempts for execution in world.jobs.executions.values()] == [2]


@pytest.mark.parametrize("step", JOBS)
def test_row_22_a_job_that_is_killed_each_time_fails_its_step_with_the_reason(stage: Make, step: str) -> None:
    world = stage(Fault("kill_job", step, times=999)).play("failed")
    error = world.pipeline.error
    assert error is not None
    attempts = CATALOGUE.rules(step).attempts
    assert (error.code, world.runs(step)[0].attempts) == ("attempts_exhausted", attempts)
    assert f"failed {attempts} times: its job failed" in error.detail
    assert "it was killed" in error.detail


@pytest.mark.parametrize("step", JOBS)
def test_row_22_a_job_that_exits_0_without_a_film_is_not_taken_for_done(stage: Make, step: str) -> None:
    def leave(_world: Stage, _process: Process) -> None:
        raise Handed("the program ends here, content with itself")

    world = stage(Fault("point:after_work", step, leave)).play()
    assert sum(world.repeated.values()) == 2
    first, second = world.jobs.executions.values()
    assert (first.state, second.state) == ("succeeded", "succeeded")


def post(client: Client, key: str, content: str = "A short film about lighthouses") -> Any:
    headers = {"Authorization": "Bearer user:ann", "Idempotency-Key": key}
    return client.open("/pipeline/run", method="POST", json={"content": content}, headers=headers)


@pytest.fixture
def client(context: Context) -> Client:
    return Client(routed(context), Response)


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("done", [False, True])
def test_row_24_a_retry_after_a_lost_answer_makes_one_pipeline(
    client: Client, context: Context, clock: Any, monkeypatch: pytest.MonkeyPatch, number: int, done: bool
) -> None:
    """The store goes silent at its so-manyeth commit, written or not, and stays away for this request."""
    commit, count = context.documents.commit, iter(range(99))

    def silent(writes: list[Write]) -> None:
        now = next(count)
        if now < number or (now == number and done):
            commit(writes)
        if now >= number:
            raise Unavailable("no answer")

    monkeypatch.setattr(context.documents, "commit", silent)
    first = post(client, "key")
    monkeypatch.undo()
    clock.advance(61)  # as long as a request may hold its key
    again = post(client, "key")
    assert again.status_code == 202
    assert first.status_code in (202, 503)
    if first.status_code == 202:
        assert first.json["id"] == again.json["id"]
    assert context.documents.count("pipelines") == 1


def test_row_24_a_key_that_stood_for_another_body_is_422(client: Client, context: Context) -> None:
    assert post(client, "key").status_code == 202
    assert post(client, "key", "A short film about something else").status_code == 422
    assert context.documents.count("pipelines") == 1


def test_row_24_two_requests_at_once_make_one_pipeline(client: Client, context: Context) -> None:
    barrier, answers = threading.Barrier(8), []

    def ask() -> None:
        barrier.wait()
        answers.append(post(client, "key"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len({answer.json["id"] for answer in answers if answer.status_code == 202}) == 1
    assert context.documents.count("pipelines") == 1
