"""POST /pipeline/run: accept a pipeline and start it."""

import contextlib

from common.domain.pipeline import Pipeline
from common.domain.request import PipelineRequest
from common.engine import control, store
from common.http.assets import check_files
from common.http.call import Answer, Call
from common.http.pipelines import VIEW_EXAMPLE, PipelineView, location, view
from common.platform.documents import Conflict

Body = PipelineRequest
Reply = PipelineView
STATUS = 202
SENDS = ("Location",)
PROBLEMS = ("unknown_file",)
EXAMPLE = {
    "content": "Why we plant trees in autumn, and not in spring",
    "title": "Why we plant trees in autumn",
    "preset": "quick_social",
    "duration_sec": 20,
    "aspect": "9:16",
    "budget": 0.5,
}
REPLY_EXAMPLE = VIEW_EXAMPLE


def handle(call: Call[PipelineRequest]) -> Answer:
    """202 with the new pipeline and where to follow it."""
    check_files(call.context, call.body)
    pipeline = _submit(call)
    return Answer(202, view(call.context, pipeline), {"Location": location(call.context, pipeline)})


def _submit(call: Call[PipelineRequest]) -> Pipeline:
    """One pipeline, whatever the store does: it may have taken a commit whose answer was lost."""

    def attempt() -> Pipeline:
        try:
            return control.submit(call.context, call.body, call.caller.id, pipeline_id=call.new_id)
        except Conflict:
            with contextlib.suppress(store.UnknownPipeline):
                return control.load(call.context, call.new_id)
            raise  # nothing stood in the way but rivals for the store itself

    return store.settle(call.context.clock, attempt, store.CLIENT_PATIENCE)
