"""The sweep: what it leaves alone, and what stops it not."""

import logging
from collections.abc import Sequence
from typing import Any

import pytest

from common.domain.pipeline import Outcome, Spec
from common.engine import control, outbox, rounds, worker
from common.engine.control import NotWaiting
from common.engine.records import Dispatch
from common.engine.sweep import Swept, sweep
from common.engine.task import Handed, Task
from common.platform.documents import Document, Put, Write
from common.platform.jobs import JobState, JobsUnavailable
from common.providers.errors import ProviderUnavailable
from tests.unit.engine.conftest import Bench, NoJobs


def handed(bench: Bench) -> str:
    """A pipeline whose step `long` was handed to a job; its id."""

    def hand(task: Task) -> Outcome:
        raise Handed(task.id)

    bench.handlers |= {
        "analyze": lambda task: Outcome(then=(Spec(step="long", key="long"),)),
        "long": hand,
    }
    made = bench.submit()
    bench.drain()
    return made.id


def job(bench: Bench, pipeline_id: str, state: JobState, epoch: int = 1) -> None:
    assert isinstance(bench.context.jobs, NoJobs)
    bench.context.jobs.states[f"{pipeline_id}.long.{epoch}"] = state


def test_a_job_that_waits_for_its_turn_keeps_its_step(bench: Bench) -> None:
    made = handed(bench)
    job(bench, made, "running")
    for _ in range(20):
        bench.clock.advance(120)
        sweep(bench.context)
        bench.drain()
    assert (bench.step(made, "long").state, bench.step(made, "long").epoch) == ("running", 1)
    bench.clock.advance(3600)
    sweep(bench.context)
    failure = bench.pipeline(made).error
    assert failure is not None
    assert failure.code == "deadline_exceeded"


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_job_that_ended_without_an_outcome_gives_its_step_back_until_attempts_run_out(
    bench: Bench, state: JobState
) -> None:
    made = handed(bench)
    for epoch in range(1, 4):
        job(bench, made, state, epoch)
        assert sweep(bench.context).given_back == 1
        bench.drain()
    failure = bench.pipeline(made).error
    assert failure is not None
    assert failure.code == "attempts_exhausted"


def test_a_step_whose_job_failed_each_time_says_why(bench: Bench) -> None:
    made = handed(bench)
    assert isinstance(bench.context.jobs, NoJobs)
    for epoch in range(1, 4):
        job(bench, made, "failed", epoch)
        bench.context.jobs.reasons[f"{made}.long.{epoch}"] = f"task 0 ended with signal 9 in attempt {epoch}"
        sweep(bench.context)
        bench.drain()
    failure = bench.pipeline(made).error
    assert failure is not None
    assert failure.detail == "long failed 3 times: its job failed: task 0 ended with signal 9 in attempt 3."


def test_a_step_without_a_job_is_sent_for_again_whatever_becomes_of_jobs(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: str) -> int:
        raise JobsUnavailable("away")

    bench.handlers["analyze"] = lambda task: Outcome(complete={})
    made = bench.submit()
    assert isinstance(worker._claim(bench.context, made.id, "analyze", "host-1/dead"), Task)
    monkeypatch.setattr(bench.context.jobs, "cancel", away)
    bench.clock.advance(61)
    assert sweep(bench.context).given_back == 1
    bench.drain()
    assert bench.pipeline(made.id).status == "completed"


def test_a_job_that_was_never_started_is_given_back_when_the_lease_runs_out(bench: Bench) -> None:
    made = handed(bench)
    assert sweep(bench.context).given_back == 0
    bench.clock.advance(63)
    assert sweep(bench.context).given_back == 1
    bench.drain()
    assert bench.step(made, "long").epoch == 2


def test_a_broken_pipeline_does_not_keep_others_from_being_swept(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    made = handed(bench)
    broken = bench.step(made, "long").model_copy(update={"pipeline_id": "0-gone"})
    path = "pipelines/0-gone/steps/long"
    bench.context.documents.commit([Put(path, broken.model_dump(mode="json"))])
    unreadable = Put("pipelines/0-gone/steps/other", {"state": "running", "shape": "of another version"})
    bench.context.documents.commit([unreadable])
    bench.clock.advance(63)
    with caplog.at_level(logging.ERROR):
        assert sweep(bench.context).given_back == 1
    assert "could not be swept" in caplog.text
    control.cancel(bench.context, made, by="ann")


def test_a_step_that_nobody_takes_fails_at_last_and_not_before_it_was_sent_often(bench: Bench) -> None:
    """Cloud Tasks has no dead letters: a task whose function never answers well is dropped and forgotten."""

    def broken(_task: Task) -> Outcome:
        raise AssertionError("nothing gets this far")

    bench.handlers["analyze"] = broken
    made = bench.submit()
    _forget(bench)
    bench.clock.advance(3 * 3600)  # however long nobody swept, for whatever reason
    for _ in range(3):
        assert sweep(bench.context).given_back == 1
        _forget(bench)
        bench.clock.advance(61)
    assert sweep(bench.context).failed == 1
    failure = bench.pipeline(made.id).error
    assert failure is not None
    assert (failure.code, failure.detail) == (
        "undeliverable",
        "The message that starts analyze was sent 4 times, and nobody took it.",
    )


def test_a_step_that_is_taken_is_counted_anew(bench: Bench) -> None:
    def away(_task: Task) -> Outcome:
        raise ProviderUnavailable("It does not answer.")

    bench.handlers["analyze"] = away
    made = bench.submit()
    _forget(bench)
    bench.clock.advance(61)
    sweep(bench.context)
    assert bench.step(made.id, "analyze").resent == 1
    bench.drain()
    assert (bench.step(made.id, "analyze").state, bench.step(made.id, "analyze").resent) == ("ready", 0)


def test_a_plan_that_nobody_answers_ends_at_its_deadline(bench: Bench) -> None:
    bench.handlers["analyze"] = lambda task: Outcome(park=True)
    left, dropped = bench.submit(), bench.submit()
    bench.drain()
    bench.clock.advance(599)
    assert sweep(bench.context) == Swept(0, 0, 0)
    control.cancel(bench.context, dropped.id, by="ann")
    bench.clock.advance(2)
    assert sweep(bench.context) == Swept(0, 0, 1)
    failure = bench.pipeline(left.id).error
    assert failure is not None
    assert failure.code == "deadline_exceeded"
    assert bench.pipeline(dropped.id).status == "cancelled"
    assert bench.step(dropped.id, "analyze").state == "cancelled"


def parked(bench: Bench, count: int) -> list[str]:
    """Pipelines whose plans wait for their clients; their ids."""
    bench.handlers["analyze"] = lambda task: Outcome(park=True)
    made = [bench.submit().id for _ in range(count)]
    bench.drain()
    return made


def lost(bench: Bench) -> str:
    """A pipeline whose only worker has died; its id."""
    made = bench.submit()
    assert isinstance(worker._claim(bench.context, made.id, "analyze", "host-1/dead"), Task)
    _forget(bench)
    return made.id


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep that looks at ten rows of each kind."""
    monkeypatch.setattr(rounds, "PAGE", 5)
    monkeypatch.setattr(rounds, "MOST", 10)


@pytest.mark.usefixtures("small")
def test_however_many_plans_wait_a_lost_step_is_given_back_at_once_and_no_plan_is_read(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, gone = parked(bench, 25), lost(bench)
    read: list[str] = []
    ask = bench.context.documents.query_group

    def noted(*args: Any, **more: Any) -> list[Document]:
        found = ask(*args, **more)
        read.extend(row.path for row in found)
        return found

    monkeypatch.setattr(bench.context.documents, "query_group", noted)
    bench.clock.advance(61)
    assert sweep(bench.context).given_back == 1
    assert read == [f"pipelines/{gone}/steps/analyze"]
    assert {bench.step(one, "analyze").state for one in waiting} == {"parked"}


@pytest.mark.usefixtures("small")
def test_however_many_plans_run_out_of_time_each_ends_and_a_broken_one_stops_none(bench: Bench) -> None:
    waiting, oldest = parked(bench, 25), bench.clock.now()
    for number in range(12):
        step = bench.step(waiting[0], "analyze").model_copy(update={"pipeline_id": "0-gone", "deadline": oldest})
        bench.context.documents.commit([Put(f"pipelines/0-gone/steps/x{number}", step.model_dump(mode="json"))])
    bench.clock.advance(601)
    assert [sweep(bench.context).failed for _ in range(5)] == [0, 8, 10, 7, 0]
    assert {bench.pipeline(one).status for one in waiting} == {"failed"}


@pytest.mark.usefixtures("small")
def test_however_many_steps_are_ready_a_sweep_takes_its_part_and_a_lost_one_has_its_turn(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [bench.submit().id for _ in range(30)]
    _forget(bench)
    bench.clock.advance(61)
    reads: list[str] = []
    get = bench.context.documents.get

    def noted(path: str) -> Document | None:
        reads.append(path)
        return get(path)

    monkeypatch.setattr(bench.context.documents, "get", noted)
    assert sweep(bench.context).given_back == 10
    assert len(reads) < 10 * 5
    assert [sweep(bench.context).given_back for _ in range(2)] == [10, 10]
    assert {bench.step(one, "analyze").resent for one in made} == {1}


@pytest.mark.usefixtures("small")
def test_however_many_messages_wait_a_sweep_takes_its_part_and_each_has_its_turn(bench: Bench) -> None:
    rows = [
        Dispatch(id=f"p{n:02d}", pipeline_id="p", step="analyze", key="analyze", created_at=bench.clock.now())
        for n in range(25)
    ]
    bench.context.documents.commit([outbox.row(one) for one in rows])
    bench.clock.advance(11)
    assert [sweep(bench.context).relayed for _ in range(4)] == [10, 10, 5, 0]


def test_a_plan_of_a_cancelled_pipeline_is_put_away_with_it(bench: Bench) -> None:
    [made] = parked(bench, 1)
    control.cancel(bench.context, made, by="ann")
    assert (bench.pipeline(made).status, bench.step(made, "analyze").state) == ("cancelled", "cancelled")
    with pytest.raises(NotWaiting):
        control.resume(bench.context, made, "analyze", Outcome())


def test_of_a_cancel_and_an_approval_at_the_same_moment_the_second_sees_the_first(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    [made] = parked(bench, 1)
    commit, raced = bench.context.documents.commit, list[object]()

    def race(writes: Sequence[Write]) -> None:
        if not raced:
            raced.append(writes)
            control.resume(bench.context, made, "analyze", Outcome(then=(Spec(step="join", key="join"),)))
        commit(writes)

    monkeypatch.setattr(bench.context.documents, "commit", race)
    assert control.cancel(bench.context, made, by="ann").status == "cancelled"
    assert bench.step(made, "analyze").state == "done"
    assert bench.events(made)[-2:] == ["pipeline.progress", "pipeline.cancelled"]


def _forget(bench: Bench) -> None:
    """Lose what was sent, as a bus does after its last attempt."""
    for queue in bench.messages.dispatcher._queues.values():
        queue.calls.clear()
