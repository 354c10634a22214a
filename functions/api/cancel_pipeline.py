"""POST /pipeline/{id}/cancel: stop a pipeline for good."""

from common.engine import control
from common.engine.control import AlreadyEnded
from common.http.call import Answer, Call, Empty
from common.http.pipelines import VIEW_EXAMPLE, PipelineView, view, visible
from common.http.problem import Problem

Reply = PipelineView
PROBLEMS = ("already_ended",)
REPLY_EXAMPLE = {**VIEW_EXAMPLE, "status": "cancelled", "stage": "render", "progress": 0.42}


def handle(call: Call[Empty]) -> Answer:
    """200 with the cancelled pipeline, also when it was cancelled before; 409 when it ended otherwise."""
    pipeline = visible(call, "change")
    try:
        ended = control.cancel(call.context, pipeline.id, by=call.caller.id)
    except AlreadyEnded as over:
        raise Problem(409, "already_ended", str(over)) from None
    return Answer(body=view(call.context, ended))
