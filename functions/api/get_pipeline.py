"""GET /pipeline/{id}: where a pipeline stands."""

from typing import Any

from common.domain.pipeline import Pipeline
from common.engine import control
from common.engine.context import Context
from common.engine.control import NotWaiting
from common.http.call import Answer, Call, Empty
from common.http.pipelines import DETAIL_EXAMPLE, PipelineDetail, detail, visible

Reply = PipelineDetail
REPLY_EXAMPLE = DETAIL_EXAMPLE


def handle(call: Call[Empty]) -> Answer:
    """The pipeline with all that is known of it, and with its plan while that waits for approval."""
    pipeline = visible(call, "read")
    return Answer(body=detail(call.context, pipeline, _waiting_plan(call.context, pipeline)))


def _waiting_plan(context: Context, pipeline: Pipeline) -> dict[str, Any] | None:
    if pipeline.status != "awaiting_approval":
        return None
    try:
        key = control.waiting_step(context, pipeline.id)
    except NotWaiting:
        return None  # decided a moment ago
    plan: dict[str, Any] | None = control.result_of(context, pipeline.id, key).get("plan")
    return plan
