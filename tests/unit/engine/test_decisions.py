from datetime import datetime, timedelta

import pytest

from common.domain.catalogue import Catalogue
from common.domain.pipeline import Charge, Cost, Failure, Outcome, Pipeline, Spec, Step
from common.engine import decisions
from common.engine.decisions import GiveUp, Skip
from common.engine.records import Change, Reservation


def begun(catalogue: Catalogue, now: datetime) -> tuple[Pipeline, Step]:
    pipeline = Pipeline(id="p", owner="ann", preset="quick_social", request={}, created_at=now, updated_at=now)
    change = decisions.begin(pipeline, Spec(step="analyze", key="analyze"), now=now, catalogue=catalogue)
    assert change.pipeline is not None
    return change.pipeline, change.steps[0]


def take(pipeline: Pipeline, step: Step, now: datetime, catalogue: Catalogue) -> Change | Skip | GiveUp:
    return decisions.claim(pipeline, step, now=now, owner="host/1", rules=catalogue.rules(step.step))


def test_a_ready_step_is_taken_with_a_new_epoch(catalogue: Catalogue, now: datetime) -> None:
    change = take(*begun(catalogue, now), now, catalogue)
    assert isinstance(change, Change)
    assert (change.steps[0].state, change.steps[0].epoch, change.steps[0].attempts) == ("running", 1, 1)
    assert [event.type for event in change.events] == ["pipeline.started"]


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_nothing_of_an_ended_pipeline_is_taken(catalogue: Catalogue, now: datetime, status: str) -> None:
    pipeline, step = begun(catalogue, now)
    assert isinstance(take(pipeline.model_copy(update={"status": status}), step, now, catalogue), Skip)


@pytest.mark.parametrize("state", ["done", "failed", "cancelled", "parked"])
def test_a_settled_or_parked_step_is_not_taken(catalogue: Catalogue, now: datetime, state: str) -> None:
    pipeline, step = begun(catalogue, now)
    assert isinstance(take(pipeline, step.model_copy(update={"state": state}), now, catalogue), Skip)


def test_a_live_lease_holds_until_it_ran_out(catalogue: Catalogue, now: datetime) -> None:
    pipeline, step = begun(catalogue, now)
    change = take(pipeline, step, now, catalogue)
    assert isinstance(change, Change)
    held = change.steps[0]
    lease = catalogue.rules("analyze").lease
    assert isinstance(take(pipeline, held, now + lease - timedelta(seconds=1), catalogue), Skip)
    stolen = take(pipeline, held, now + lease, catalogue)
    assert isinstance(stolen, Change)
    assert stolen.steps[0].epoch == 2


def test_attempts_are_bounded(catalogue: Catalogue, now: datetime) -> None:
    pipeline, step = begun(catalogue, now)
    worn = step.model_copy(update={"attempts": 3, "failure": Failure(code="error", detail="it broke")})
    verdict = take(pipeline, worn, now, catalogue)
    assert isinstance(verdict, GiveUp)
    assert verdict.failure.code == "attempts_exhausted"
    assert "it broke" in verdict.failure.detail


def test_a_step_out_of_time_is_given_up(catalogue: Catalogue, now: datetime) -> None:
    pipeline, step = begun(catalogue, now)
    late = step.model_copy(update={"started_at": now})
    verdict = take(pipeline, late, now + timedelta(minutes=11), catalogue)
    assert isinstance(verdict, GiveUp)
    assert verdict.failure.code == "deadline_exceeded"


def test_an_early_message_is_skipped_without_an_attempt(catalogue: Catalogue, now: datetime) -> None:
    pipeline, step = begun(catalogue, now)
    grown = decisions.finish(
        pipeline,
        step,
        Outcome(then=(Spec(step="join", key="join", needs=("analyze2",)), Spec(step="analyze", key="analyze2"))),
        now=now,
        catalogue=catalogue,
    )
    assert grown.pipeline is not None
    waiting = next(step for step in grown.steps if step.key == "join")
    assert isinstance(take(grown.pipeline, waiting, now, catalogue), Skip)
    assert [dispatch.key for dispatch in grown.send] == ["analyze2"]


def test_money_is_settled_with_the_outcome(catalogue: Catalogue, now: datetime) -> None:
    pipeline, step = begun(catalogue, now)
    pipeline = pipeline.model_copy(update={"cost": Cost(cap=1000, spent=100, reserved=300)})
    charge = Charge(key="c", engine="e", version="1", amount=250, reserved=300)
    change = decisions.finish(pipeline, step, Outcome(charges=(charge,), cap=800), now=now, catalogue=catalogue)
    assert change.pipeline is not None
    assert change.pipeline.cost == Cost(cap=800, spent=350, reserved=0)
    assert [(row.state, row.amount) for row in change.ledger] == [("settled", 250)]


def test_cancel_frees_what_was_reserved_and_counts_what_was_asked_for(catalogue: Catalogue, now: datetime) -> None:
    pipeline, _ = begun(catalogue, now)
    pipeline = pipeline.model_copy(update={"cost": Cost(cap=1000, spent=10, reserved=500)})
    rows = [
        Reservation(
            key=state, pipeline_id="p", step_key="s", engine="e", version="1", state=state, estimate=amount, at=now
        )
        for state, amount in (("reserved", 300), ("submitted", 200), ("settled", 10))
    ]
    change = decisions.cancel(pipeline, rows, now=now, by="ann")
    assert change.pipeline is not None
    assert change.pipeline.status == "cancelled"
    assert change.pipeline.cost == Cost(cap=1000, spent=210, reserved=0)
    assert {row.key: row.state for row in change.ledger} == {"reserved": "released", "submitted": "settled"}


def test_an_optional_part_degrades_and_any_other_fails(catalogue: Catalogue, now: datetime) -> None:
    pipeline, step = begun(catalogue, now)
    failure = Failure(code="no_sound", detail="no sound")
    failed = decisions.fail(pipeline, step, failure, now=now, catalogue=catalogue)
    assert failed.pipeline is not None
    assert failed.pipeline.status == "failed"
    parts = {**pipeline.parts, "analyze": pipeline.parts["analyze"].model_copy(update={"optional": True})}
    kept = decisions.fail(pipeline.model_copy(update={"parts": parts}), step, failure, now=now, catalogue=catalogue)
    assert kept.pipeline is not None
    assert not kept.pipeline.settled
    assert kept.pipeline.facts["lost"] == [{"key": "analyze", "reason": "no sound"}]


def test_a_lost_optional_part_frees_its_money_alone(catalogue: Catalogue, now: datetime) -> None:
    pipeline, step = begun(catalogue, now)
    parts = {"analyze": pipeline.parts["analyze"].model_copy(update={"optional": True})}
    pipeline = pipeline.model_copy(update={"parts": parts, "cost": Cost(cap=1000, reserved=700)})
    rows = [
        Reservation(
            key=key, pipeline_id="p", step_key=key, engine="e", version="1", state="submitted", estimate=amount, at=now
        )
        for key, amount in (("analyze", 200), ("other", 500))
    ]
    failure = Failure(code="no_sound", detail="no sound")
    change = decisions.fail(pipeline, step, failure, now=now, catalogue=catalogue, reservations=rows)
    assert change.pipeline is not None
    assert change.pipeline.cost == Cost(cap=1000, spent=200, reserved=500)
    assert [(row.key, row.state) for row in change.ledger] == [("analyze", "settled")]


def test_progress_never_goes_back(catalogue: Catalogue, now: datetime) -> None:
    pipeline, step = begun(catalogue, now)
    change = decisions.record_progress(pipeline, step, 0.5, now=now, catalogue=catalogue)
    assert change is not None
    assert change.pipeline is not None
    assert change.pipeline.progress == 0.1
    assert decisions.record_progress(change.pipeline, step, 0.4, now=now, catalogue=catalogue) is None


def test_a_pipeline_is_found_by_its_request_and_by_the_title_it_gets_later(catalogue: Catalogue, now: datetime) -> None:
    asked = Pipeline(
        id="p", owner="ann", preset="x", request={"content": "About lighthouses"}, created_at=now, updated_at=now
    )
    born = decisions.begin(asked, Spec(step="analyze", key="analyze"), now=now, catalogue=catalogue)
    assert born.pipeline is not None
    assert set(born.pipeline.words) == {"abou", "ligh", "lightho"}
    taken = take(born.pipeline, born.steps[0], now, catalogue)
    assert isinstance(taken, Change)
    assert taken.pipeline is not None
    untitled = decisions.finish(taken.pipeline, taken.steps[0], Outcome(), now=now, catalogue=catalogue).pipeline
    titled = decisions.finish(
        taken.pipeline, taken.steps[0], Outcome(title="Towers by the sea"), now=now, catalogue=catalogue
    ).pipeline
    assert untitled is not None
    assert untitled.words == born.pipeline.words
    assert titled is not None
    assert set(titled.words) == {"towe", "by", "the", "sea", *born.pipeline.words}
