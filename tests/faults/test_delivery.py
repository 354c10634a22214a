"""Messages that come twice, early, never, or make no sense; workers that die around them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from common.domain.pipeline import Outcome
from common.engine.task import Task
from functions.catalogue import CATALOGUE
from scripts.simulation.providers import NONSENSE
from scripts.simulation.scheduler import Process
from tests.faults.stage import STEPS, Fault, Replaying, Stage, calm, crash, repeat, send_early

Make = Callable[..., Stage]
Run = Callable[[Task], Outcome]

POISON = (b"{", b"[]", b'{"message": {"data": "%%%"}}', b'{"pipeline_id": "..", "key": 7}', b"\xff")
UNKNOWN = ({"pipeline_id": "gone", "key": "analyze"}, {"pipeline_id": "", "key": "no_such_step.s1"})


@pytest.mark.parametrize("step", STEPS)
def test_row_01_ten_deliveries_at_once_and_one_much_later_have_one_outcome(stage: Make, step: str) -> None:
    late = Fault("delivery", step, repeat(1, after=400.0))
    world = stage(Fault("point:before_claim", step, repeat(9)), late).play()
    assert world.repeated == {}
    assert [one.status for one in world.deliveries if one.function == step] == [204] * (10 + len(world.runs(step)))


@pytest.mark.parametrize("step", STEPS)
def test_row_02_an_early_message_waits_without_spending_an_attempt(stage: Make, step: str) -> None:
    world = stage(Fault("delivery", act=send_early(step), times=999)).play()
    assert world.repeated == {}
    assert {one.status for one in world.deliveries} == {204}


@pytest.mark.parametrize("seed", range(2))
def test_row_02_messages_in_any_order_come_to_the_same(stage: Make, seed: int) -> None:
    world = stage(Fault("postpone", times=999), Fault("delivery", act=repeat(1, 90.0), times=999), seed=seed).play()
    assert world.repeated == {}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("point", "attempts"), [("point:before_claim", 1), ("point:after_claim", 2)])
def test_row_03_a_crash_around_the_claim_is_made_good(stage: Make, step: str, point: str, attempts: int) -> None:
    world = stage(Fault(point, step, crash)).play()
    assert sum(world.repeated.values()) == (0 if attempts == 1 else attempts)


@pytest.mark.parametrize("step", STEPS)
def test_row_03_work_that_was_not_recorded_is_done_again(stage: Make, step: str) -> None:
    world = stage(Fault("point:after_work", step, crash)).play()
    job = CATALOGUE.rules(step).job  # is started again by its platform, for the same attempt
    assert sum(world.repeated.values()) == (0 if job else 2)


@pytest.mark.parametrize("step", STEPS)
def test_row_06_what_was_committed_and_not_published_is_relayed(stage: Make, step: str) -> None:
    world = stage(Fault("point:after_commit", step, crash)).play()
    assert world.repeated == {}


@pytest.mark.parametrize("step", STEPS)
def test_row_07_what_was_published_and_not_removed_is_a_duplicate(stage: Make, step: str) -> None:
    world = stage(Fault("point:after_publish", step, crash)).play()
    assert world.repeated == {}


@pytest.mark.parametrize("step", STEPS)
def test_row_08_poison_blocks_nobody(stage: Make, step: str) -> None:
    def poison(world: Stage, _process: Process) -> None:
        known = world.pipeline.id
        strange = [json.dumps({**data, "pipeline_id": data["pipeline_id"] or known}).encode() for data in UNKNOWN]
        for body in (*POISON, *strange):
            world.scheduler.spawn(Process("pubsub"), lambda body=body: answers.append(world.platform.raw(step, body)))

    answers: list[int] = []
    world = stage(Fault("delivery", step, poison)).play()
    assert answers == [204] * (len(POISON) + len(UNKNOWN))
    assert world.letters("unreadable") == len(POISON)
    assert world.repeated == {}


@pytest.mark.parametrize("step", STEPS)
def test_row_08_a_handler_that_always_raises_fails_its_step_and_is_replayed(
    stage: Make, folder: Path, step: str
) -> None:
    def raises(_world: Stage, run: Run, task: Task) -> Outcome:
        if task.step.step == step:
            raise RuntimeError(NONSENSE)
        return run(task)

    optional = step in calm().optional
    world = stage(run=raises, keep=True).play("completed" if optional else "failed")
    [*failed] = [run for run in world.steps.values() if run.state == "failed"]
    assert {(run.step, run.attempts) for run in failed} == {(step, CATALOGUE.rules(step).attempts)}
    assert world.letters("failed") == len(failed)
    if optional:
        assert [lost["key"] for lost in world.pipeline.facts["lost"]] == [run.key for run in failed]
        return
    assert world.pipeline.error is not None
    assert NONSENSE in world.pipeline.error.detail
    again = Replaying(folder, world).play()
    assert again.pipeline.replay_of == world.pipeline.id
    done = {run.key for run in world.steps.values() if run.state == "done"}
    assert done.isdisjoint(one.key for one in again.deliveries)


@pytest.mark.parametrize("step", STEPS)
def test_row_10_a_redelivery_while_it_works_changes_nothing(stage: Make, step: str) -> None:
    def slow(world: Stage, run: Run, task: Task) -> Outcome:
        if task.step.step == step:
            world.scheduler.pause(601)
        return run(task)

    world = stage(Fault("delivery", step, repeat(2, after=300.0)), run=slow)
    world.play()
    assert world.repeated == {}
    assert len([one for one in world.deliveries if one.function == step and one.status == 204]) >= 2


@pytest.mark.parametrize("step", [step for step in STEPS if CATALOGUE.rules(step).queue])
def test_row_20_a_task_name_is_taken_once_and_a_task_fired_twice_acts_once(stage: Make, step: str) -> None:
    world = stage(Fault("point:after_publish", step, crash)).play()
    sent = [one.key for one in world.deliveries if one.function == step]
    assert sorted(sent) == calm().keys[step]
    assert world.repeated == {}
