"""Further tasks of a job: they work while the attempt counts, learn of its end, and leave no trace in the store."""

import logging
from dataclasses import replace

import pytest

from common.domain.pipeline import Outcome, Spec
from common.engine import control, store, worker
from common.engine.assist import assist
from common.engine.task import Handed, Task
from tests.unit.engine.conftest import Bench


@pytest.fixture
def handed(bench: Bench) -> str:
    """A pipeline whose step `long` runs in its job."""

    def hand_over(task: Task) -> Outcome:
        raise Handed("to its job")

    bench.handlers |= {"analyze": lambda task: Outcome(then=(Spec(step="long", key="long"),)), "long": hand_over}
    made = bench.submit()
    bench.drain()
    return made.id


def test_a_further_task_works_and_records_nothing(bench: Bench, handed: str) -> None:
    before = store.read(bench.context.documents, handed, "long")
    worked: list[str] = []
    assert assist(bench.context, handed, "long", 1, lambda task: worked.append(task.id))
    after = store.read(bench.context.documents, handed, "long")
    assert worked == [f"{handed}.long"]
    assert (after.pipeline, after.step) == (before.pipeline, before.step)


@pytest.mark.parametrize("epoch", [0, 2])
def test_it_does_nothing_for_another_attempt(bench: Bench, handed: str, epoch: int) -> None:
    assert not assist(bench.context, handed, "long", epoch, lambda task: pytest.fail("it worked"))


def test_it_does_nothing_when_the_step_is_done(bench: Bench, handed: str) -> None:
    first = worker.adopt(bench.context, handed, "long", 1)
    assert first is not None
    worker.perform(first, lambda task: Outcome(complete={}))
    assert not assist(bench.context, handed, "long", 1, lambda task: pytest.fail("it worked"))


def test_it_stops_when_the_pipeline_is_cancelled(bench: Bench, handed: str) -> None:
    told: list[bool] = []

    def work(task: Task) -> None:
        control.cancel(bench.context, handed, by="alice")
        told.append(task.stop.wait(30))
        task.check()

    soon = replace(bench.context, settings=replace(bench.context.settings, poll_seconds=0.02))
    assert not assist(soon, handed, "long", 1, work)
    assert told == [True]


def test_what_fails_is_left_to_the_first_task(bench: Bench, handed: str, caplog: pytest.LogCaptureFixture) -> None:
    def work(task: Task) -> None:
        raise OSError("no space")

    with caplog.at_level(logging.ERROR):
        assert not assist(bench.context, handed, "long", 1, work)
    assert "a further task of a job failed" in caplog.text
    assert store.read(bench.context.documents, handed, "long").step.state == "running"  # type: ignore[union-attr]
