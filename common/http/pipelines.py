"""Pipelines as clients see them: whose they are, where they stand, and where to go from there."""

import re
from datetime import datetime
from typing import Any

from common.domain.access import Action, allowed
from common.domain.model import Model
from common.domain.money import dollars
from common.domain.pipeline import Failure, Pipeline, Status
from common.engine import control
from common.engine.context import Context
from common.engine.store import UnknownPipeline
from common.http.call import Call
from common.http.problem import Problem, not_found

# Failures whose own words may tell of our insides: code, and what a client is told instead.
_INTERNAL = {
    "error": "an internal error",
    "unavailable": "a service it needs staying away",
    "attempts_exhausted": "repeated failures",
}
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class CostView(Model):
    """Money in US dollars; no cap is null."""

    cap: float | None
    spent: float
    reserved: float


class Links(Model):
    """Ready-made URLs of what can be done with the pipeline."""

    self: str
    result: str
    cancel: str
    approve: str


class PipelineView(Model):
    """Where a pipeline stands. `progress` is 0 to 1; `stage` is the step in progress."""

    id: str
    status: Status
    stage: str
    progress: float
    preset: str
    title: str
    cost: CostView
    links: Links


class PipelineDetail(PipelineView):
    """The same, with what is known so far. `plan` stands while it waits for approval, `error` after a failure."""

    created_at: datetime
    updated_at: datetime
    quality: float | None
    facts: dict[str, Any]
    error: Failure | None
    plan: dict[str, Any] | None


def visible(call: Call[Any], action: Action) -> Pipeline:
    """The pipeline that the path names, if the caller may do this with it; otherwise it is unknown: Problem 404."""
    pipeline_id = call.params["id"]
    unknown = not_found(f"There is no pipeline {pipeline_id[:64]!r} that you may see.")
    if not _ID.fullmatch(pipeline_id):
        raise unknown
    try:
        pipeline = control.load(call.context, pipeline_id)
    except UnknownPipeline:
        raise unknown from None
    if not allowed(call.caller.role, action, own=pipeline.owner == call.caller.id):
        raise unknown
    return pipeline


def view(context: Context, pipeline: Pipeline) -> PipelineView:
    """What every answer about a pipeline says."""
    return PipelineView(**_fields(context, pipeline))


def detail(context: Context, pipeline: Pipeline, plan: dict[str, Any] | None) -> PipelineDetail:
    """What there is to know of a pipeline, for its own page."""
    return PipelineDetail(
        **_fields(context, pipeline),
        created_at=pipeline.created_at,
        updated_at=pipeline.updated_at,
        quality=pipeline.facts.get("quality"),
        facts=pipeline.facts,
        error=None if pipeline.error is None else public_failure(pipeline.error),
        plan=plan,
    )


def ended_badly(pipeline: Pipeline) -> Problem | None:
    """The refusal to hand out a result that will never be, with the reason."""
    facts = {"pipeline_status": pipeline.status}
    if pipeline.status == "cancelled":
        return Problem(409, "pipeline_cancelled", f"Pipeline {pipeline.id} was cancelled.", facts=facts)
    if pipeline.status == "failed":
        error = public_failure(pipeline.error or Failure(code="unknown", detail="no reason was recorded."))
        text = f"Pipeline {pipeline.id} failed: {error.detail}"
        return Problem(409, "pipeline_failed", text, facts={**facts, "failure": error.model_dump(mode="json")})
    return None


def location(context: Context, pipeline: Pipeline) -> str:
    """URL of a pipeline."""
    return f"{context.settings.public_url.rstrip('/')}/pipeline/{pipeline.id}"


def public_failure(failure: Failure) -> Failure:
    """A failure in words that are a client's to read."""
    if failure.code not in _INTERNAL:
        return failure
    step = failure.step.partition(".")[0] or "a step"
    text = f"{step} ended with {_INTERNAL[failure.code]}; the service's log has it under this pipeline's id."
    return failure.model_copy(update={"detail": text})


def _fields(context: Context, pipeline: Pipeline) -> dict[str, Any]:
    at, cost = location(context, pipeline), pipeline.cost
    return {
        "id": pipeline.id,
        "status": pipeline.status,
        "stage": pipeline.stage,
        "progress": pipeline.progress,
        "preset": pipeline.preset,
        "title": pipeline.title,
        "cost": CostView(
            cap=None if cost.cap is None else dollars(cost.cap),
            spent=dollars(cost.spent),
            reserved=dollars(cost.reserved),
        ),
        "links": Links(self=at, result=f"{at}/result", cancel=f"{at}/cancel", approve=f"{at}/approve"),
    }
