"""Pipelines as clients see them: whose they are, where they stand, and where to go from there."""

import re
from datetime import datetime
from typing import Any

from pydantic import Field

from common.domain.access import Action, allowed
from common.domain.model import Model
from common.domain.money import dollars
from common.domain.pipeline import Failure, Pipeline, Status
from common.engine import control
from common.engine.context import Context
from common.engine.decisions import INTERNAL
from common.engine.store import UnknownPipeline
from common.http.call import Call
from common.http.problem import Problem, not_found

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class CostView(Model):
    """Money in US dollars; no cap is null."""

    cap: float | None = Field(description="The most that may be spent; null without a cap.")
    spent: float = Field(description="Settled so far.")
    reserved: float = Field(description="Held for calls in progress.")


class Links(Model):
    """Ready-made URLs of what can be done with the pipeline."""

    self: str = Field(description="The pipeline itself.")
    result: str = Field(description="Its files, once it has completed.")
    cancel: str = Field(description="POST here to stop it.")
    approve: str = Field(description="POST here to accept its plan.")
    plan: str = Field(description="Its plan; PATCH here to edit it.")
    costs: str = Field(description="What it costs, call by call.")
    events: str = Field(description="Its log, page by page.")
    hls: str = Field(description="Plays it from its first rendered scene on, if `outputs` names hls; 404 before.")
    export: str = Field(description="All that is known of it, as ?format=json, csv or zip.")
    stream: str = Field(description="Its events as they happen, as server-sent events.")
    socket: str = Field(description="The same over a WebSocket.")


def _links(at: str) -> Links:
    base, _, path = at.rpartition("/pipeline/")
    apart = {
        "self": at,
        "hls": f"{at}/hls/master.m3u8",
        "stream": f"{at}/events/stream",
        "socket": f"{base.replace('http', 'ws', 1)}/ws/pipeline/{path}",
    }
    return Links(**{name: apart.get(name, f"{at}/{name}") for name in Links.model_fields})


class PipelineView(Model):
    """Where a pipeline stands."""

    id: str = Field(description="Random; part of every path about this pipeline.")
    status: Status = Field(description="completed, failed and cancelled are for good.")
    stage: str = Field(description="The step in progress, or the last one.")
    progress: float = Field(description="0 to 1; never goes back.")
    preset: str = Field(description="The preset whose rules it runs by.")
    title: str = Field(description="As asked for, or found while planning.")
    cost: CostView = Field(description="Money in US dollars.")
    links: Links = Field(description="Where to go from here.")


class PipelineDetail(PipelineView):
    """Where a pipeline stands, with what is known so far."""

    created_at: datetime = Field(description="When it was accepted, in UTC.")
    updated_at: datetime = Field(description="When anything about it changed last.")
    quality: float | None = Field(description="0 to 1, once it has been judged.")
    facts: dict[str, Any] = Field(description="What its steps found out: track, engines, notes; grows on the way.")
    error: Failure | None = Field(description="Why it failed.")
    plan: dict[str, Any] | None = Field(description="The plan, while it waits for approval.")
    revision_of: str | None = Field(description="The finished pipeline whose edited plan this one makes.")
    batch: str | None = Field(description="The batch that it is a job of.")


_AT = "https://api.example.com/pipeline/5f0c6ad1b2e94c7783d0"

# One pipeline as the documentation shows it: just accepted, and half made.
VIEW_EXAMPLE: dict[str, Any] = {
    "id": "5f0c6ad1b2e94c7783d0",
    "status": "queued",
    "stage": "analyze",
    "progress": 0.0,
    "preset": "quick_social",
    "title": "Why we plant trees in autumn",
    "cost": {"cap": 0.5, "spent": 0.0, "reserved": 0.0},
    "links": _links(_AT).model_dump(),
}
DETAIL_EXAMPLE: dict[str, Any] = {
    **VIEW_EXAMPLE,
    "status": "processing",
    "stage": "render",
    "progress": 0.42,
    "created_at": "2026-03-01T09:30:00Z",
    "updated_at": "2026-03-01T09:30:21Z",
    "quality": None,
    "facts": {"track": "fast", "complexity": 0.21, "scenes": 3, "seconds": 20.0},
    "error": None,
    "plan": None,
    "revision_of": None,
    "batch": None,
}


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
        revision_of=pipeline.revision_of or None,
        batch=pipeline.batch or None,
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
    if failure.code not in INTERNAL:
        return failure
    step = failure.step.partition(".")[0] or "a step"
    text = f"{step} ended with {INTERNAL[failure.code]}; the service's log has it under this pipeline's id."
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
        "links": _links(at),
    }
