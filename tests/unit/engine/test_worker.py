import errno
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from common.domain.pipeline import Failure, Outcome, Spec
from common.engine import control, store, worker
from common.engine.heartbeat import beat
from common.engine.sweep import sweep
from common.engine.task import StepFailed, Task
from common.platform.documents import Unavailable
from common.platform.jobs import JobsUnavailable
from common.platform.objects import StorageFull, StorageUnavailable
from common.providers.errors import ProviderUnavailable, Refused, Throttled
from scripts.simulation.guards import GUARDS, removed
from tests.unit.engine.conftest import Bench, NoJobs


def fan_out(count: int, *, optional: bool = False) -> Outcome:
    parts = [Spec(step="part", key=f"part.{n}", optional=optional) for n in range(count)]
    return Outcome(then=(*parts, Spec(step="join", key="join", needs=tuple(part.key for part in parts))))


def simple(bench: Bench, count: int = 3) -> None:
    bench.handlers |= {
        "analyze": lambda task: fan_out(count),
        "part": lambda task: Outcome(result={"made": task.step.key}),
        "join": lambda task: Outcome(complete={"parts": sorted(task.results("part"))}),
    }


def test_a_pipeline_runs_to_its_end(bench: Bench) -> None:
    simple(bench)
    made = bench.submit()
    bench.drain()
    pipeline = bench.pipeline(made.id)
    assert pipeline.status == "completed"
    assert pipeline.result == {"parts": ["part.0", "part.1", "part.2"]}
    assert bench.events(made.id) == ["pipeline.started", *["pipeline.progress"] * 4, "pipeline.completed"]
    assert bench.context.documents.count("outbox") == 0


def test_events_have_neither_gap_nor_duplicate(bench: Bench) -> None:
    simple(bench, 8)
    made = bench.submit()
    bench.drain()
    numbers = [event.seq for event in store.events(bench.context.documents, made.id)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_join_runs_once_however_often_its_message_comes(bench: Bench) -> None:
    simple(bench)
    made = bench.submit()
    bench.drain()
    before = bench.context.documents.get(f"pipelines/{made.id}")
    for _ in range(5):
        for key in ("join", "part.1", "analyze"):
            worker.deliver(bench.context, bench.handlers["join"], made.id, key)
    assert bench.context.documents.get(f"pipelines/{made.id}") == before
    assert bench.ran.count("join") == 1


def test_rival_deliveries_have_one_winner(bench: Bench) -> None:
    working = threading.Event()
    simple(bench)
    bench.handlers["analyze"] = lambda task: (working.wait(5), fan_out(1))[1]
    made = bench.submit()
    rivals = [
        threading.Thread(target=worker.deliver, args=[bench.context, bench.handlers["analyze"], made.id, "analyze"])
        for _ in range(12)
    ]
    for rival in rivals:
        rival.start()
    working.set()
    for rival in rivals:
        rival.join()
    assert bench.step(made.id, "analyze").epoch == 1
    bench.drain()
    assert bench.pipeline(made.id).status == "completed"


def test_an_error_is_tried_again_and_then_fails_the_pipeline(bench: Bench) -> None:
    simple(bench)

    def broken(task: Task) -> Outcome:
        raise RuntimeError("the disk sighed")

    bench.handlers["part"] = broken
    made = bench.submit()
    for _ in range(6):
        bench.drain()
        bench.clock.advance(120)
    pipeline = bench.pipeline(made.id)
    assert pipeline.status == "failed"
    assert pipeline.error is not None
    assert "the disk sighed" in pipeline.error.detail
    assert bench.ran.count(pipeline.error.step) == 3
    assert bench.context.documents.count("dead_letters") == 1


def test_a_throttled_call_does_not_use_up_attempts(bench: Bench) -> None:
    simple(bench, 1)
    calls = []

    def busy(task: Task) -> Outcome:
        calls.append(task.step.attempts)
        if len(calls) < 8:
            raise Throttled("slow down", retry_after=1)
        return Outcome()

    bench.handlers["part"] = busy
    made = bench.submit()
    for _ in range(10):
        bench.drain()
        bench.clock.advance(3)
    assert bench.pipeline(made.id).status == "completed"
    assert set(calls) == {1}


def test_throttled_steps_do_not_come_back_at_one_instant(bench: Bench) -> None:
    simple(bench, 12)

    def busy(task: Task) -> Outcome:
        raise Throttled("slow down", retry_after=100)

    bench.handlers["part"] = busy
    made = bench.submit()
    bench.drain()
    later = [bench.step(made.id, f"part.{n}").not_before for n in range(12)]
    waits = [(moment - bench.clock.now()).total_seconds() for moment in later if moment]
    assert len(set(waits)) == 12
    assert all(100 <= wait <= 120 for wait in waits)


def test_a_wait_that_outlives_the_deadline_ends_with_it(bench: Bench) -> None:
    simple(bench)

    def busy(task: Task) -> Outcome:
        raise Throttled("come back next week", retry_after=7 * 86_400)

    bench.handlers["analyze"] = busy
    made = bench.submit()
    bench.drain()
    bench.clock.advance(605)
    bench.drain()
    pipeline = bench.pipeline(made.id)
    assert pipeline.error is not None
    assert pipeline.error.code == "deadline_exceeded"


@pytest.mark.parametrize(
    ("error", "code", "attempts"),
    [
        (Refused("Not this."), "refused", 1),
        (StorageFull("The store is full."), "storage_full", 1),
        (OSError(errno.ENOSPC, "no space"), "storage_full", 1),
        (ProviderUnavailable("away"), "unavailable", 3),
        (StorageUnavailable("away"), "unavailable", 3),
        (JobsUnavailable("away"), "unavailable", 3),
        (OSError(errno.EIO, "broken"), "error", 3),
    ],
)
def test_every_error_has_its_code(bench: Bench, error: Exception, code: str, attempts: int) -> None:
    simple(bench)

    def fail(task: Task) -> Outcome:
        raise error

    bench.handlers["analyze"] = fail
    made = bench.submit()
    for _ in range(4):
        bench.drain()
        bench.clock.advance(5)
    pipeline = bench.pipeline(made.id)
    assert pipeline.error is not None
    assert (pipeline.error.code, len(bench.ran)) == (code, attempts)


def test_a_final_failure_is_not_tried_again(bench: Bench) -> None:
    simple(bench)

    def refused(task: Task) -> Outcome:
        raise StepFailed("content_refused", "Not this.")

    bench.handlers["analyze"] = refused
    made = bench.submit()
    bench.drain()
    assert bench.pipeline(made.id).status == "failed"
    assert bench.ran == ["analyze"]


def test_a_lost_optional_part_degrades_the_pipeline(bench: Bench) -> None:
    simple(bench)
    bench.handlers["analyze"] = lambda task: fan_out(2, optional=True)

    def lost(task: Task) -> Outcome:
        if task.step.key == "part.0":
            raise StepFailed("no_sound", "It stayed silent.")
        return Outcome()

    bench.handlers["part"] = lost
    made = bench.submit()
    bench.drain()
    pipeline = bench.pipeline(made.id)
    assert pipeline.status == "completed"
    assert pipeline.facts["lost"] == [{"key": "part.0", "reason": "It stayed silent."}]


def test_a_superseded_attempt_changes_nothing(bench: Bench) -> None:
    simple(bench, 1)
    made = bench.submit()
    zombie = store.settle(bench.clock, lambda: worker._claim(bench.context, made.id, "analyze", "host-1/zombie"))
    assert isinstance(zombie, Task)
    bench.clock.advance(600)
    sweep(bench.context)
    bench.drain()
    assert bench.pipeline(made.id).status == "completed"
    before = bench.context.documents.get(f"pipelines/{made.id}")
    assert worker.finish(zombie, fan_out(9)) is False
    assert bench.context.documents.get(f"pipelines/{made.id}") == before


def late_failure(bench: Bench) -> str:
    """State of a step that a second attempt runs, after the first one, which slept too long, says that it failed."""
    simple(bench, 1)
    made = bench.submit()

    def take(owner: str) -> object:
        return store.settle(bench.clock, lambda: worker._claim(bench.context, made.id, "analyze", owner))

    zombie = take("host-1/zombie")
    assert isinstance(zombie, Task)
    bench.clock.advance(600)
    sweep(bench.context)
    assert isinstance(take("host-2/heir"), Task)
    worker.fail(
        bench.context, made.id, "analyze", Failure(code="refused", detail="No.", step="analyze"), zombie.step.epoch
    )
    return bench.step(made.id, "analyze").state


def test_the_failure_of_a_superseded_attempt_changes_nothing(bench: Bench) -> None:
    assert late_failure(bench) == "running"


def test_what_keeps_the_failure_of_a_superseded_attempt_out_is_its_epoch(bench: Bench) -> None:
    """Few simulated worlds sleep at that very place."""
    [guard] = [guard for guard in GUARDS if guard.name == "epoch check in fail"]
    with removed(guard):
        assert late_failure(bench) == "failed"


def test_what_a_dead_worker_left_is_swept_up(bench: Bench) -> None:
    simple(bench)
    made = bench.submit()
    store.settle(bench.clock, lambda: worker._claim(bench.context, made.id, "analyze", "host-1/dead"))
    bench.drain()
    assert bench.pipeline(made.id).status == "processing"
    bench.clock.advance(63)
    assert sweep(bench.context).given_back == 1
    bench.drain()
    assert bench.pipeline(made.id).status == "completed"
    assert bench.step(made.id, "analyze").epoch == 2


def test_outbox_rows_that_were_never_published_are_relayed_by_the_sweep(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    simple(bench)

    def away(*_: object, **__: object) -> None:
        raise Unavailable("the bus is away")

    with monkeypatch.context() as patched:
        patched.setattr(bench.messages, "publish", away)
        made = bench.submit()
    bench.drain()
    assert bench.ran == []
    bench.clock.advance(11)
    assert sweep(bench.context).relayed == 1
    bench.drain()
    assert bench.pipeline(made.id).status == "completed"


def test_a_lost_message_is_sent_again(bench: Bench) -> None:
    simple(bench)
    made = bench.submit()
    bench.messages.dispatcher._queues.clear()
    bench.clock.advance(61)
    sweep(bench.context)
    bench.drain()
    assert bench.pipeline(made.id).status == "completed"


def test_cancel_wins_over_a_finish(bench: Bench) -> None:
    simple(bench)

    def cancelled_meanwhile(task: Task) -> Outcome:
        control.cancel(bench.context, task.pipeline.id, by="ann")
        return fan_out(2)

    bench.handlers["analyze"] = cancelled_meanwhile
    made = bench.submit()
    bench.drain()
    assert bench.pipeline(made.id).status == "cancelled"
    assert bench.ran == ["analyze"]
    assert bench.events(made.id)[-1] == "pipeline.cancelled"
    assert control.cancel(bench.context, made.id, by="ann").status == "cancelled"


def test_an_ended_pipeline_cannot_be_cancelled(bench: Bench) -> None:
    simple(bench)
    made = bench.submit()
    bench.drain()
    with pytest.raises(control.AlreadyEnded, match="completed"):
        control.cancel(bench.context, made.id, by="ann")


def test_a_commit_whose_answer_was_lost_counts_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    simple(bench)
    documents = bench.context.documents
    commit = documents.commit
    lost = iter([False, False, True, False, True, True] + [False] * 1000)

    def forgetful(writes: object) -> None:
        commit(writes)  # type: ignore[arg-type]
        if next(lost):
            raise Unavailable("the answer was lost")

    monkeypatch.setattr(documents, "commit", forgetful)
    made = bench.submit()
    for _ in range(4):
        bench.drain()
        bench.clock.advance(70)
        sweep(bench.context)
    bench.drain()
    assert bench.pipeline(made.id).status == "completed"
    assert all(bench.ran.count(key) == 1 for key in bench.ran)


def test_an_outcome_whose_answer_was_lost_sends_at_once_what_follows(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    simple(bench)
    documents = bench.context.documents
    commit = documents.commit
    made = bench.submit()

    def forgetful(writes: object) -> None:
        commit(writes)  # type: ignore[arg-type]
        if bench.step(made.id, "analyze").state == "done" and documents.commit is forgetful:
            monkeypatch.setattr(documents, "commit", commit)
            raise Unavailable("the answer was lost")

    monkeypatch.setattr(documents, "commit", forgetful)
    bench.drain()
    assert bench.pipeline(made.id).status == "completed"
    assert documents.count("outbox") == 0


def test_a_final_failure_asks_for_no_jobs_where_none_can_run(bench: Bench) -> None:
    def refuse(task: Task) -> Outcome:
        raise StepFailed("refused", "no")

    simple(bench)
    bench.handlers["analyze"] = refuse
    made = bench.submit()
    bench.drain()
    assert bench.pipeline(made.id).status == "failed"
    assert isinstance(bench.context.jobs, NoJobs)
    assert bench.context.jobs.cancelled == []


def test_a_step_past_its_deadline_fails_with_its_reason(bench: Bench) -> None:
    simple(bench)
    made = bench.submit()
    store.settle(bench.clock, lambda: worker._claim(bench.context, made.id, "analyze", "host-1/stuck"))
    bench.clock.advance(timedelta(minutes=11).total_seconds())
    assert sweep(bench.context).failed == 1
    pipeline = bench.pipeline(made.id)
    assert pipeline.error is not None
    assert pipeline.error.code == "deadline_exceeded"


def test_an_outcome_that_cannot_be_stored_is_an_error_like_any_other(bench: Bench) -> None:
    simple(bench)
    bench.handlers["analyze"] = lambda task: Outcome(then=(Spec(step="part", key="p"), Spec(step="part", key="p")))
    made = bench.submit()
    for _ in range(4):
        bench.drain()
        bench.clock.advance(5)
    pipeline = bench.pipeline(made.id)
    assert pipeline.error is not None
    assert "already has a step run" in pipeline.error.detail
    assert bench.ran == ["analyze"] * 3


def test_an_approval_whose_answer_was_lost_is_no_refusal(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    simple(bench)
    bench.handlers["analyze"] = lambda task: Outcome(park=True)
    made = bench.submit()
    bench.drain()
    documents = bench.context.documents
    commit = documents.commit
    lost = iter([True] + [False] * 1000)

    def forgetful(writes: object) -> None:
        commit(writes)  # type: ignore[arg-type]
        if next(lost):
            raise Unavailable("the answer was lost")

    monkeypatch.setattr(documents, "commit", forgetful)
    decided = fan_out(1).model_copy(update={"result": {"by": "ann"}})
    assert control.resume(bench.context, made.id, "analyze", decided).status == "processing"
    with pytest.raises(control.NotWaiting):
        control.resume(bench.context, made.id, "analyze", fan_out(1))


def test_a_parked_step_waits_until_it_is_resumed(bench: Bench, tmp_path: Path) -> None:
    simple(bench)
    bench.handlers["analyze"] = lambda task: Outcome(park=True, result={"plan": 1})
    made = bench.submit()
    bench.drain()
    assert bench.pipeline(made.id).status == "awaiting_approval"
    bench.clock.advance(590)
    sweep(bench.context)
    bench.drain()
    key = control.waiting_step(bench.context, made.id)
    control.resume(bench.context, made.id, key, fan_out(1))
    bench.drain()
    assert bench.pipeline(made.id).status == "completed"
    with pytest.raises(control.NotWaiting):
        control.resume(bench.context, made.id, key, fan_out(1))


@pytest.mark.parametrize("patience", [store.CLIENT_PATIENCE, store.WORKER_PATIENCE])
def test_a_silent_store_is_waited_for_as_long_as_the_waiter_has_patience(bench: Bench, patience: timedelta) -> None:
    begun = bench.clock.now()

    def silent() -> None:
        raise Unavailable("no answer")

    with pytest.raises(Unavailable):
        store.settle(bench.clock, silent, patience)
    assert patience <= bench.clock.now() - begun < patience + store.LONGEST_WAIT


def test_a_step_that_may_not_run_again_is_left_to_a_worker_that_went_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    simple(bench)
    made = bench.submit()
    for number in range(3):
        task = worker._claim(bench.context, made.id, "analyze", f"host-1/slow{number}")
        assert isinstance(task, Task)
        bench.clock.advance(61)
    late = store.reservations

    def beats_meanwhile(*args: Any) -> Any:
        monkeypatch.setattr(store, "reservations", late)
        beat(task)  # the last attempt is alive after all, and extends its lease while another gives the step up
        return late(*args)

    monkeypatch.setattr(store, "reservations", beats_meanwhile)
    said = worker.deliver(bench.context, bench.handlers["analyze"], made.id, "analyze")
    assert said == "nothing: host-1/slow2 holds the step"
    assert worker.finish(task, fan_out(1))
