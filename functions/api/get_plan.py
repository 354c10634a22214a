"""GET /pipeline/{id}/plan: the plan of a pipeline, and how it came to be what it is."""

from common.engine import editing
from common.engine.editing import NoPlan
from common.http.call import Answer, Call, Empty
from common.http.pipelines import visible
from common.http.plans import VIEW_EXAMPLE, PlanView, shown
from common.http.problem import Problem

Reply = PlanView
PROBLEMS = ("not_found", "no_plan")
REPLY_EXAMPLE = VIEW_EXAMPLE


def handle(call: Call[Empty]) -> Answer:
    """The plan that waits or was accepted, with its edits; 409 before there is one."""
    pipeline = visible(call, "read")
    try:
        return Answer(body=shown(editing.held(call.context.documents, pipeline.id)))
    except NoPlan as none:
        raise Problem(409, "no_plan", str(none), facts={"pipeline_status": pipeline.status}) from None
