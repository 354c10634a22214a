"""POST /pipeline/batch: accept up to a hundred pipelines at once, or none of them."""

from pydantic import Field, model_validator

from common.domain.model import Model
from common.domain.money import micros
from common.domain.request import PipelineRequest
from common.engine import batches
from common.http.assets import check_all_files
from common.http.batches import VIEW_EXAMPLE, BatchView, location, view
from common.http.call import Answer, Call


class BatchRequest(Model):
    """Many videos to make, each as POST /pipeline/run takes it."""

    jobs: tuple[PipelineRequest, ...] = Field(
        max_length=batches.MOST,
        description="The videos; all of them are valid, or none is made.",
        json_schema_extra={"minItems": 1},  # checked below, for pydantic would not count jobs that are invalid
    )
    budget: float | None = Field(
        default=None,
        strict=True,
        ge=0,
        le=100_000,
        description="Cap in US dollars of the whole batch, shared evenly by the jobs without a budget of their own.",
    )

    @model_validator(mode="after")
    def _has_jobs_within_its_budget(self) -> "BatchRequest":
        if not self.jobs:
            raise ValueError(f"jobs must have at least 1 entry, and {batches.MOST} at most; it has none.")
        own = sum(micros(job.budget) for job in self.jobs if job.budget is not None)
        if self.budget is not None and own > micros(self.budget):
            raise ValueError("budget is less than those of the jobs together; raise it or lower those.")
        return self


Body = BatchRequest
Reply = BatchView
STATUS = 202
SENDS = ("Location",)
PROBLEMS = ("unknown_file",)
EXAMPLE = {
    "jobs": [
        {"input": "Why we plant trees in autumn", "preset": "quick_social"},
        {"input": "How to prune an apple tree in winter", "preset": "720p", "title": "Winter pruning"},
    ],
    "budget": 2.5,
}
REPLY_EXAMPLE = VIEW_EXAMPLE


def handle(call: Call[BatchRequest]) -> Answer:
    """202 with the batch, the pipeline of every job and where to follow them."""
    check_all_files(call.context, {f"#/jobs/{number}": job for number, job in enumerate(call.body.jobs)})
    batch = batches.submit(call.context, call.body.jobs, call.caller.id, batch_id=call.new_id, budget=call.body.budget)
    return Answer(202, view(call.context, batch), {"Location": location(call.context, batch.id)})
