"""POST /pipeline/{id}/approve: accept, or edit and accept, the plan of a pipeline that waits for approval."""

from pydantic import Field

from common.domain.model import Model
from common.domain.plan import Plan
from common.engine import control, editing
from common.engine.control import NotWaiting, PlanChanged
from common.http import conditional
from common.http.call import Answer, Call
from common.http.pipelines import VIEW_EXAMPLE, PipelineView, view, visible
from common.http.plans import judged, tag
from common.http.problem import Problem
from functions.steps.approve import accepted


class Approval(Model):
    """The client's decision. Without a plan the waiting one is accepted as it is."""

    plan: Plan | None = Field(default=None, description="The whole plan, edited.")
    note: str | None = Field(default=None, max_length=2000, description="Kept with the edits.")


Body = Approval
Reply = PipelineView
PROBLEMS = ("not_waiting", "plan_changed", "precondition_failed", "edit_refused", "content_refused")
EXAMPLE = {"note": "Accepted as it is."}
REPLY_EXAMPLE = {**VIEW_EXAMPLE, "status": "processing", "stage": "generate_visual", "progress": 0.07}


def handle(call: Call[Approval]) -> Answer:
    """200 with the pipeline on its way again; 409 when nothing waits, 422 for an edit that is not allowed.

    If-Match takes the ETag of GET /pipeline/{id}/plan: then nothing is accepted that was not seen.
    """
    pipeline = visible(call, "change")
    try:
        key = control.waiting_step(call.context, pipeline.id)
        parked = control.result_of(call.context, pipeline.id, key)
        if "If-Match" in call.headers:  # a later edit than the one that `parked` holds is PlanChanged below
            conditional.require(call, tag(editing.held(call.context.documents, pipeline.id)))
        waiting = Plan.model_validate(parked["plan"])
        chosen = call.body.plan or waiting
        changes = judged(pipeline, waiting, chosen, at="#/plan")
        outcome = accepted(chosen, [change.model_dump(mode="json") for change in changes])
        decision = {"by": call.caller.id, "note": call.body.note or "", "decision": call.new_id}
        outcome = outcome.model_copy(update={"result": {**outcome.result, **decision}})
        moved = control.resume(call.context, pipeline.id, key, outcome, on=parked)
    except NotWaiting as over:
        if editing.STEP in pipeline.parts and _ours(call, pipeline.id):
            return Answer(body=view(call.context, control.load(call.context, pipeline.id)))
        raise Problem(409, "not_waiting", str(over), facts={"pipeline_status": pipeline.status}) from None
    except PlanChanged as changed:
        raise Problem(409, "plan_changed", str(changed)) from None
    return Answer(body=view(call.context, moved))


def _ours(call: Call[Approval], pipeline_id: str) -> bool:
    """Whether this request made the decision before, under its Idempotency-Key, and its answer was lost."""
    return control.result_of(call.context, pipeline_id, editing.STEP).get("decision") == call.new_id
