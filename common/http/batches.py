"""Batches as clients see them: how far their jobs are, what they cost, and where each of them is."""

import re
from collections import Counter
from datetime import datetime
from typing import Any, Literal, get_args

from pydantic import Field

from common.domain.access import allowed
from common.domain.model import Model
from common.domain.money import dollars
from common.domain.pipeline import Pipeline, Status
from common.engine import batches
from common.engine.batches import Batch, Job, UnknownBatch
from common.engine.context import Context
from common.http.call import Call
from common.http.pipelines import CostView
from common.http.problem import not_found

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class JobLinks(Model):
    """Ready-made URLs of one job."""

    pipeline: str = Field(description="The pipeline that makes it.")
    result: str = Field(description="Its files, once it has completed.")


class JobView(Model):
    """One job of a batch."""

    number: int = Field(description="Its place in the request, from 1.")
    pipeline_id: str = Field(description="The pipeline that makes it.")
    status: Status = Field(description="Where that stands.")
    progress: float = Field(description="0 to 1.")
    preset: str = Field(description="The preset whose rules it runs by.")
    title: str = Field(description="As asked for, or found while planning.")
    cost: float = Field(description="US dollars spent so far.")
    links: JobLinks = Field(description="Where to go from here.")


class BatchLinks(Model):
    """Ready-made URLs of the batch."""

    self: str = Field(description="The batch itself.")


class BatchView(Model):
    """A batch: its jobs, how many of them are in each state, and what they cost."""

    batch_id: str = Field(description="Random; part of the path of the batch.")
    status: Literal["running", "completed"] = Field(description="completed once every job has ended, however it did.")
    total: int = Field(description="How many jobs it has.")
    counts: dict[Status, int] = Field(description="How many jobs are in each status.")
    progress: float = Field(description="0 to 1: the mean of its jobs; an ended job counts as done.")
    cost: CostView = Field(description="Money of all jobs in US dollars; the cap is the batch's budget.")
    created_at: datetime = Field(description="When it was accepted, in UTC.")
    completed_at: datetime | None = Field(description="When its last job ended.")
    links: BatchLinks = Field(description="Where to ask again.")
    jobs: tuple[JobView, ...] = Field(description="Every job, in the order of the request.")


_AT = "https://api.example.com"
VIEW_EXAMPLE: dict[str, Any] = {
    "batch_id": "7d1f3a90c4be25d86e10",
    "status": "running",
    "total": 1,
    "counts": {"queued": 0, "processing": 1, "awaiting_approval": 0, "completed": 0, "failed": 0, "cancelled": 0},
    "progress": 0.3,
    "cost": {"cap": 5.0, "spent": 0.0, "reserved": 0.0},
    "created_at": "2026-03-01T09:30:00Z",
    "completed_at": None,
    "links": {"self": f"{_AT}/pipeline/batch/7d1f3a90c4be25d86e10"},
    "jobs": [
        {
            "number": 1,
            "pipeline_id": "5f0c6ad1b2e94c7783d0",
            "status": "processing",
            "progress": 0.3,
            "preset": "quick_social",
            "title": "Why we plant trees in autumn",
            "cost": 0.0,
            "links": {
                "pipeline": f"{_AT}/pipeline/5f0c6ad1b2e94c7783d0",
                "result": f"{_AT}/pipeline/5f0c6ad1b2e94c7783d0/result",
            },
        }
    ],
}


def visible(call: Call[Any]) -> Batch:
    """The batch that the path names, if it is the caller's to see; otherwise it is unknown: Problem 404."""
    batch_id = call.params["id"]
    unknown = not_found(f"There is no batch {batch_id[:64]!r} that you may see.")
    if not _ID.fullmatch(batch_id):
        raise unknown
    try:
        batch = batches.load(call.context.documents, batch_id)
    except UnknownBatch:
        raise unknown from None
    if not allowed(call.caller.role, "read", own=batch.owner == call.caller.id):
        raise unknown
    return batch


def view(context: Context, batch: Batch) -> BatchView:
    """Where a batch stands. A job whose pipeline is still to be made is queued."""
    made = batches.pipelines(context.documents, batch.id)
    jobs = [_job(context, job, made.get(job.pipeline_id)) for job in batches.jobs(context.documents, batch.id)]
    counts = Counter(job.status for job in jobs)
    done = [1.0 if job.status in ("completed", "failed", "cancelled") else job.progress for job in jobs]
    return BatchView(
        batch_id=batch.id,
        status="completed" if batch.state == "completed" else "running",
        total=batch.jobs,
        counts={status: counts[status] for status in get_args(Status)},
        progress=round(sum(done) / len(done), 4),
        cost=CostView(
            cap=None if batch.budget is None else dollars(batch.budget),
            spent=dollars(sum(pipeline.cost.spent for pipeline in made.values())),
            reserved=dollars(sum(pipeline.cost.reserved for pipeline in made.values())),
        ),
        created_at=batch.created_at,
        completed_at=batch.completed_at,
        links=BatchLinks(self=location(context, batch.id)),
        jobs=tuple(jobs),
    )


def location(context: Context, batch_id: str) -> str:
    """URL of a batch."""
    return f"{context.settings.public_url.rstrip('/')}/pipeline/batch/{batch_id}"


def _job(context: Context, job: Job, pipeline: Pipeline | None) -> JobView:
    at = f"{context.settings.public_url.rstrip('/')}/pipeline/{job.pipeline_id}"
    return JobView(
        number=job.number,
        pipeline_id=job.pipeline_id,
        status=pipeline.status if pipeline else "queued",
        progress=pipeline.progress if pipeline else 0.0,
        preset=job.request.preset,
        title=(pipeline.title if pipeline else job.request.title) or "",
        cost=dollars(pipeline.cost.spent) if pipeline else 0.0,
        links=JobLinks(pipeline=at, result=f"{at}/result"),
    )
