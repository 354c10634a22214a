"""Workers that hang, rivals, cancels and clocks: who may speak for a step, and when."""

from collections.abc import Callable
from itertools import cycle

import pytest

from common.domain.pipeline import Outcome
from common.engine.task import Task
from functions.catalogue import CATALOGUE
from scripts.simulation.providers import NONSENSE
from tests.faults.stage import (
    STEPS,
    Fault,
    Stage,
    calm,
    cancel,
    crash,
    dawdle,
    freeze,
    freeze_until_superseded,
    lose_region,
    repeat,
)

Make = Callable[..., Stage]
Run = Callable[[Task], Outcome]

LAST = STEPS[-1]
PARTS = calm().needed
SKEWS = [(300.0, -300.0), (-300.0, 300.0)]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("point", ["point:after_claim", "point:after_work"])
def test_row_09_a_hung_worker_is_superseded_and_its_late_outcome_refused(stage: Make, step: str, point: str) -> None:
    world = stage(Fault(point, step, freeze(700.0))).play()
    held = point == "point:after_work" and CATALOGUE.rules(step).job  # by its job, as long as that runs
    assert sum(world.repeated.values()) == (0 if held else 2)


@pytest.mark.parametrize("step", [step for step in STEPS if not CATALOGUE.rules(step).job])
def test_row_09_a_worker_that_wakes_beside_its_successor_changes_nothing(stage: Make, step: str) -> None:
    def marked(world: Stage, run: Run, task: Task) -> Outcome:
        outcome = run(task)
        if task.step.epoch == 2:
            world.scheduler.pause(100)
        return outcome.model_copy(update={"result": {**outcome.result, "epoch": task.step.epoch}})

    fault = Fault("point:after_work", step, freeze_until_superseded)
    world = stage(fault, run=marked).play()
    assert world.steps[fault.met[0]].result["epoch"] == 2


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("point", ["before_claim", "after_claim", "after_work", "after_commit"])
def test_row_11_a_cancel_at_any_moment_wins_or_comes_too_late(stage: Make, step: str, point: str) -> None:
    over = step == LAST and point == "after_commit"
    world = stage(Fault(f"point:{point}", step, cancel)).play("completed" if over else "cancelled")
    assert bool(world.cancelled) is not over
    assert all(execution.state != "running" for execution in world.jobs.executions.values())


@pytest.mark.parametrize("step", calm().meeting("point:after_job_start"))
def test_row_11_a_job_that_just_began_is_cancelled_too(stage: Make, step: str) -> None:
    world = stage(Fault("point:after_job_start", step, cancel)).play("cancelled")
    assert [execution.state for execution in world.jobs.executions.values()] == ["cancelled"]


@pytest.mark.parametrize(("step", "skews"), [*zip(STEPS, cycle(SKEWS), strict=False)])
def test_row_12_five_minutes_of_skew_steal_no_lease_and_let_none_last(
    stage: Make, step: str, skews: tuple[float, float]
) -> None:
    world = stage(Fault("point:after_claim", step, crash), Fault("delivery", step, repeat(1, 30.0)), skews=skews).play()
    assert sum(world.repeated.values()) == 2
    again = world.runs(step)[0].finished_at or world.runs(step)[-1].finished_at
    assert again is not None
    assert (again - world.pipeline.created_at).total_seconds() < 3600


@pytest.mark.parametrize("step", PARTS)
def test_row_13_a_part_that_never_returns_ends_at_its_deadline(stage: Make, step: str) -> None:
    optional = step in calm().optional
    world = stage(Fault("hang", step, dawdle(5400.0), times=99)).play("completed" if optional else "failed")
    failures = {run.failure.code for run in world.runs(step) if run.failure}
    assert failures <= {"deadline_exceeded", "attempts_exhausted"}
    assert failures
    if optional:
        assert {lost["key"] for lost in world.pipeline.facts["lost"]} == {run.key for run in world.runs(step)}


@pytest.mark.parametrize("step", PARTS)
def test_row_13_a_part_that_fails_for_good_fails_or_degrades_the_whole(stage: Make, step: str) -> None:
    optional = step in calm().optional
    world = stage(Fault("decline", step)).play("completed" if optional else "failed")
    failed = [run for run in world.runs(step) if run.state == "failed"]
    assert len(failed) == 1
    assert bool(world.pipeline.facts.get("lost")) is optional


@pytest.mark.parametrize("step", PARTS)
def test_row_13_a_part_that_arrives_twice_fires_the_fan_in_once(stage: Make, step: str) -> None:
    world = stage(Fault("point:after_commit", step, repeat(3)), Fault("delivery", step, repeat(3, after=120.0))).play()
    assert world.repeated == {}


@pytest.mark.parametrize("step", PARTS)
def test_row_13_a_part_that_arrives_after_the_cancel_changes_nothing(stage: Make, step: str) -> None:
    world = stage(Fault("point:after_work", step, cancel), Fault("point:after_claim", step, freeze(300.0)))
    assert world.play("cancelled").runs(step)[0].state == "cancelled"


@pytest.mark.parametrize("step", STEPS)
def test_row_25_two_revisions_alive_at_once_make_one_outcome(stage: Make, step: str) -> None:
    def revised(world: Stage, run: Run, task: Task) -> Outcome:
        outcome = run(task)
        revision = task.context.owner
        return outcome.model_copy(update={"result": {**outcome.result, "revision": revision}})

    hung = Fault("point:after_claim", step, freeze(700.0))
    world = stage(hung, Fault("delivery", step, repeat(5)), run=revised).play()
    for run in world.steps.values():
        if not CATALOGUE.rules(run.step).job:  # a job is of one revision
            assert run.result["revision"] == run.owner.partition("/")[0]


@pytest.mark.parametrize("step", STEPS)
def test_row_25_a_revision_that_cannot_do_a_step_leaves_it_to_the_other(stage: Make, step: str) -> None:
    def half(_world: Stage, run: Run, task: Task) -> Outcome:
        if task.step.step == step and task.step.attempts < CATALOGUE.rules(step).attempts - 1:
            raise ValueError(f"{NONSENSE}: the old revision does not know this shape")
        return run(task)

    world = stage(run=half).play()
    assert {run.attempts for run in world.runs(step)} == {CATALOGUE.rules(step).attempts - 1}


@pytest.mark.parametrize("step", STEPS)
def test_row_26_a_region_lost_between_commit_and_relay_is_relayed_by_the_other(stage: Make, step: str) -> None:
    lost = Fault("point:after_commit", step, lose_region)
    world = stage(lost).play()
    assert world.steps[lost.met[0]].attempts == 1
    assert set(world.repeated.values()) <= {2}  # what else ran there is done again


def test_row_26_a_region_lost_with_an_accepted_request_is_relayed_by_the_other(stage: Make) -> None:
    world = stage(Fault("before:publish", act=lose_region)).play()
    assert world.repeated == {}
    assert world.client.answers == 1
