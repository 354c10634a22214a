from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from common.domain.pipeline import Failure, Outcome, Spec
from common.engine import control, invariants, store, worker
from common.engine.invariants import Snapshot, Transition
from common.engine.sweep import sweep
from common.engine.task import StepFailed, Task
from common.platform.documents import Put
from tests.unit.engine.conftest import CATALOGUE, Bench


def ran(bench: Bench) -> str:
    """A pipeline that lost an optional part and was completed."""

    def lost(task: Task) -> Outcome:
        raise StepFailed("no_sound", "It stayed silent.")

    parts = (Spec(step="part", key="part.0"), Spec(step="part", key="part.1", optional=True))
    join = Spec(step="join", key="join", needs=("part.0", "part.1"))
    bench.handlers |= {
        "analyze": lambda task: Outcome(then=(*parts, join)),
        "part": lambda task: lost(task) if task.step.key == "part.1" else Outcome(),
        "join": lambda task: Outcome(complete={"made": True}),
    }
    made = bench.submit()
    bench.drain()
    return made.id


def names(found: list[invariants.Violation]) -> set[str]:
    return {violation.invariant for violation in found}


def rewrite(bench: Bench, path: str, **fields: Any) -> None:
    found = bench.context.documents.get(path)
    assert found is not None
    bench.context.documents.commit([Put(path, {**found.data, **fields})])


def test_a_store_of_finished_pipelines_holds_every_promise(bench: Bench) -> None:
    ran(bench)
    assert invariants.audit(bench.context.documents, CATALOGUE, at_rest=True) == []


@pytest.mark.parametrize(
    ("path", "fields", "invariant"),
    [
        ("", {"status": "processing"}, "no state without its event"),
        ("", {"seq": 9}, "the event log has no gap"),
        ("", {"result": None}, "one outcome"),
        ("", {"cost": {"cap": None, "spent": 5, "reserved": 0}}, "money adds up"),
        ("/steps/part.0", {"state": "running"}, "one owner per step"),
        ("/steps/part.0", {"state": "ready"}, "parts and steps agree"),
        ("/steps/part.0", {"attempts": 4}, "attempts are bounded"),
        ("/steps/part.0", {"state": "ready"}, "leases end"),
        ("/steps/part.1", {"failure": None}, "poison ends with a reason"),
    ],
)
def test_the_audit_names_what_does_not_hold(bench: Bench, path: str, fields: dict[str, Any], invariant: str) -> None:
    made = ran(bench)
    rewrite(bench, f"pipelines/{made}{path}", **fields)
    assert invariant in names(invariants.audit(bench.context.documents, CATALOGUE, at_rest=True))


def test_the_audit_finds_what_nobody_cares_for(bench: Bench) -> None:
    made = bench.submit()
    store.settle(bench.clock, lambda: worker._claim(bench.context, made.id, "analyze", "host-1/dead"))
    bench.announce()
    assert invariants.audit(bench.context.documents, CATALOGUE) == []
    bench.clock.advance(60 + 181)
    [found] = invariants.audit(bench.context.documents, CATALOGUE)
    assert str(found).startswith(f"no lost work: pipeline {made.id}: analyze is held by host-1/dead")
    sweep(bench.context)
    assert invariants.audit(bench.context.documents, CATALOGUE) == []
    assert "every pipeline ends" in names(invariants.audit(bench.context.documents, CATALOGUE, at_rest=True))


def test_a_job_may_wait_for_its_turn(bench: Bench) -> None:
    bench.handlers["analyze"] = lambda task: Outcome(then=(Spec(step="long", key="long"),))
    made = bench.submit()
    bench.messages.dispatcher.run_one()
    store.settle(bench.clock, lambda: worker._claim(bench.context, made.id, "long", "host-1/job"))
    bench.announce()
    bench.clock.advance(50 * 60)
    assert invariants.audit(bench.context.documents, CATALOGUE) == []
    bench.clock.advance(14 * 60)
    [found] = invariants.audit(bench.context.documents, CATALOGUE)
    assert "long is running past its deadline" in found.detail


def test_a_row_for_nothing_is_found(bench: Bench) -> None:
    row = {"id": "ghost.a.start", "pipeline_id": "ghost", "step": "a", "key": "a", "created_at": "2026-01-01T00:00:00Z"}
    bench.context.documents.commit([Put("outbox/ghost.a.start", row)])
    assert names(invariants.audit(bench.context.documents)) == {"work and its message together"}


@pytest.fixture
def claimed(bench: Bench) -> Snapshot:
    """A pipeline whose first step runs in its first epoch."""
    made = bench.submit()
    store.settle(bench.clock, lambda: worker._claim(bench.context, made.id, "analyze", "host-1/one"))
    return invariants.observe(bench.context.documents, made.id)[0]


def step(seen: Snapshot, **fields: Any) -> Snapshot:
    return replace(seen, steps={"analyze": seen.steps["analyze"].model_copy(update=fields)})


def pipeline(seen: Snapshot, **fields: Any) -> Snapshot:
    return replace(seen, pipeline=seen.pipeline.model_copy(update=fields))


@pytest.mark.parametrize(
    ("change", "invariant"),
    [
        (lambda seen: step(seen, epoch=2, attempts=2), "epochs only grow"),
        (lambda seen: step(seen, state="done", lease_until=None), "superseded attempts change nothing"),
        (lambda seen: step(seen, state="done", lease_until=None), "state and event together"),
        (lambda seen: step(seen, state="ready", lease_until=None), "work and its message together"),
        (lambda seen: step(seen, state="cancelled"), "cancel wins"),
        (lambda seen: pipeline(seen, status="cancelled"), "state and event together"),
        (lambda seen: pipeline(seen, progress=-1.0), "progress never goes back"),
        (lambda seen: pipeline(seen, parts={}), "fan-in fires once"),
    ],
)
def test_a_forbidden_commit_is_named(
    bench: Bench, claimed: Snapshot, change: Callable[[Snapshot], Snapshot], invariant: str
) -> None:
    made = Transition(claimed, change(claimed), bench.clock.now())
    assert invariant in names(invariants.transition(made))


def test_what_is_settled_stays(bench: Bench, claimed: Snapshot) -> None:
    ended = pipeline(step(claimed, state="failed", failure=Failure(code="x", detail="y")), status="failed")
    again = step(ended, state="ready")
    assert "a terminal state never changes" in names(invariants.transition(Transition(ended, again, bench.clock.now())))
    reopened = pipeline(ended, status="processing")
    assert "a terminal state never changes" in names(
        invariants.transition(Transition(ended, reopened, bench.clock.now()))
    )


def test_a_lease_that_is_over_may_be_taken(bench: Bench, claimed: Snapshot) -> None:
    after = step(claimed, epoch=2, attempts=2, lease_until=bench.clock.now() + timedelta(seconds=121))
    late = Transition(claimed, after, bench.clock.now() + timedelta(seconds=61))
    assert invariants.transition(late) == []


def test_every_check_is_run_on_a_pipeline_that_was_cancelled(bench: Bench) -> None:
    made = bench.submit()
    control.cancel(bench.context, made.id, by="ann")
    bench.drain()
    sweep(bench.context, at_start=True)
    assert invariants.audit(bench.context.documents, CATALOGUE, at_rest=True) == []
