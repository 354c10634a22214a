"""The pulse of an attempt that no longer counts shows nothing."""

from typing import Any

import pytest

from common.engine import heartbeat, store, worker
from common.engine.heartbeat import Heartbeat
from common.engine.task import LeaseLost, Task
from common.platform.documents import Conflict
from tests.unit.engine.conftest import Bench


def claim(bench: Bench, pipeline_id: str) -> Task:
    """The next attempt, once the lease of the one before it has run out."""
    bench.clock.advance(61)
    task = worker._claim(bench.context, pipeline_id, "analyze", f"host-1/{bench.context.new_id()}")
    assert isinstance(task, Task)
    return task


def test_progress_reaches_the_pipeline_while_the_attempt_counts(bench: Bench) -> None:
    task = claim(bench, bench.submit().id)
    task.report(0.5)
    Heartbeat(task)._carry_progress()
    assert bench.pipeline(task.pipeline.id).progress == 0.1


def test_a_superseded_attempt_shows_no_progress(bench: Bench) -> None:
    task = claim(bench, bench.submit().id)
    rival = claim(bench, task.pipeline.id)
    before = bench.pipeline(task.pipeline.id)
    task.report(0.5)
    Heartbeat(task)._carry_progress()
    assert bench.pipeline(task.pipeline.id) == before
    with pytest.raises(LeaseLost):
        task.check()
    rival.check()


def test_a_rival_that_claims_in_the_same_moment_prevents_the_progress(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = claim(bench, bench.submit().id)
    before = bench.pipeline(task.pipeline.id)
    record = heartbeat.record_progress

    def overtaken(*args: Any, **named: Any) -> Any:
        claim(bench, task.pipeline.id)
        return record(*args, **named)

    monkeypatch.setattr(heartbeat, "record_progress", overtaken)
    task.report(0.5)
    with pytest.raises(Conflict):
        Heartbeat(task)._carry_progress()
    assert bench.pipeline(task.pipeline.id) == before
    assert [event.type for event in store.events(bench.context.documents, task.pipeline.id)] == ["pipeline.started"]
