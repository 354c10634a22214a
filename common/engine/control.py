"""What clients do to pipelines: start, look, cancel, approve."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from common.domain.money import micros
from common.domain.pipeline import Cost, Outcome, Pipeline, Spec
from common.domain.presets import Priority
from common.domain.request import PipelineRequest
from common.engine import decisions, operations, outbox, store, webhooks
from common.engine.context import Context
from common.engine.records import Change, Reservation
from common.platform.documents import Create

FIRST_STEP = "analyze"
_PRIORITY: dict[str, Priority] = {"low": "low", "normal": "medium", "high": "high"}


class NotWaiting(Exception):
    """The pipeline does not wait for an approval; the text says where it stands."""


class PlanChanged(Exception):
    """What was decided on is not what waits any more: somebody edited it meanwhile."""


class AlreadyEnded(Exception):
    """The pipeline ended before, so it cannot be cancelled; the text says how."""


def submit(context: Context, request: PipelineRequest, owner: str, *, pipeline_id: str | None = None) -> Pipeline:
    """Accept a pipeline: stored, started and reported in one commit. A given id makes a repeated submit harmless."""
    now = context.clock.now()
    change = newborn(
        context,
        request,
        owner,
        pipeline_id=pipeline_id or context.new_id(),
        cap=None if request.budget is None else micros(request.budget),
        announces_progress=webhooks.wants_progress(context.documents, owner),
        now=now,
    )
    pipeline = change.pipeline
    assert pipeline is not None
    born = Create(store.pipeline_path(pipeline.id), pipeline.model_dump(mode="json"))
    rest = Change(steps=change.steps, send=change.send)
    store.commit(context.documents, store.Read(pipeline, "", now), rest, extra=[born])
    outbox.follow(context, change)
    return pipeline


def newborn(
    context: Context,
    request: PipelineRequest,
    owner: str,
    *,
    pipeline_id: str,
    cap: int | None,
    announces_progress: bool,
    now: datetime,
    batch: str = "",
) -> Change:
    """A pipeline with its first step, as whoever accepts it commits them."""
    pipeline = Pipeline(
        id=pipeline_id,
        owner=owner,
        batch=batch,
        preset=request.preset,
        priority=_PRIORITY[request.priority] if request.priority else request.rules.priority,
        announces_progress=announces_progress,
        title=request.title or "",
        request=request.model_dump(mode="json"),
        cost=Cost(cap=cap),
        created_at=now,
        updated_at=now,
    )
    return decisions.begin(pipeline, Spec(step=FIRST_STEP, key=FIRST_STEP), now=now, catalogue=context.catalogue)


def load(context: Context, pipeline_id: str) -> Pipeline:
    """The pipeline as it stands; UnknownPipeline."""
    return store.read(context.documents, pipeline_id).pipeline


def cancel(context: Context, pipeline_id: str, by: str) -> Pipeline:
    """End a pipeline now: afterwards nothing it still does counts, and its processes are stopped. AlreadyEnded.

    A plan that waits is put away with it, for no sweep looks at one before its time is up.
    """
    closed: list[Reservation] = []

    def attempt() -> Pipeline:
        found = store.read(context.documents, pipeline_id)
        if found.pipeline.status == "cancelled":
            return found.pipeline
        if found.pipeline.settled:
            raise AlreadyEnded(f"Pipeline {pipeline_id} is {found.pipeline.status} and cannot be cancelled.")
        if key := _parked(context, found.pipeline):
            plan = store.read(context.documents, pipeline_id, key)
            found = replace(found, step=plan.step, step_version=plan.step_version)
        rows = store.reservations(context.documents, pipeline_id)
        change = decisions.cancel(found.pipeline, rows, found.step, now=found.now, by=by)
        closed[:] = change.ledger
        store.commit(context.documents, found, change)
        outbox.follow(context, change)
        assert change.pipeline is not None
        return change.pipeline

    ended = store.settle(context.clock, attempt, store.CLIENT_PATIENCE)
    operations.call_off(context, closed)
    context.jobs.cancel(f"{pipeline_id}.")  # last, for it may be refused, and a client that asks again gets here again
    return ended


def waiting_step(context: Context, pipeline_id: str) -> str:
    """Key of the step run that waits for the client; NotWaiting."""
    pipeline = load(context, pipeline_id)
    if key := _parked(context, pipeline):
        return key
    raise NotWaiting(f"Pipeline {pipeline_id} is {pipeline.status}, so there is no plan to approve.")


def _parked(context: Context, pipeline: Pipeline) -> str | None:
    if pipeline.status == "awaiting_approval":
        for step in store.steps(context.documents, pipeline.id):
            if step.state == "parked":
                return step.key
    return None


def resume(
    context: Context, pipeline_id: str, key: str, outcome: Outcome, *, on: Mapping[str, Any] | None = None
) -> Pipeline:
    """Finish a parked step with what the client decided; NotWaiting when a rival was faster.

    `on` is the step's result that the decision was made on: PlanChanged where another one waits by now.
    """
    tried = False

    def attempt() -> Change:
        nonlocal tried
        found = store.read(context.documents, pipeline_id, key)
        assert found.step is not None
        if tried and found.step.state == "done" and found.step.result == outcome.result:
            return Change(pipeline=found.pipeline)  # our commit arrived, only its answer was lost
        if found.pipeline.settled or found.step.state != "parked":
            raise NotWaiting(f"Pipeline {pipeline_id} is {found.pipeline.status}, so there is no plan to approve.")
        if on is not None and found.step.result != on:
            raise PlanChanged(f"The plan of pipeline {pipeline_id} was edited a moment ago; look at it again.")
        change = decisions.finish(found.pipeline, found.step, outcome, now=found.now, catalogue=context.catalogue)
        tried = True
        store.commit(context.documents, found, change)
        return change

    change = store.settle(context.clock, attempt, store.CLIENT_PATIENCE)
    outbox.follow(context, change)
    assert change.pipeline is not None
    return change.pipeline


def result_of(context: Context, pipeline_id: str, key: str) -> Mapping[str, Any]:
    """The recorded result of one step run."""
    found = store.read(context.documents, pipeline_id, key)
    assert found.step is not None
    return found.step.result
