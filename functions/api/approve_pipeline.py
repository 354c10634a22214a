"""POST /pipeline/{id}/approve: accept, or edit and accept, the plan of a pipeline that waits for approval."""

from pydantic import Field

from common.domain.edits import Edit, EditRefused, edits, texts
from common.domain.model import Model
from common.domain.moderation import moderate
from common.domain.pipeline import Pipeline
from common.domain.plan import Plan
from common.domain.request import PipelineRequest
from common.domain.text import sanitise
from common.engine import control
from common.engine.control import NotWaiting
from common.http.call import Answer, Call
from common.http.pipelines import VIEW_EXAMPLE, PipelineView, view, visible
from common.http.problem import Fault, Problem
from functions.steps.approve import accepted


class Approval(Model):
    """The client's decision. Without a plan the waiting one is accepted as it is."""

    plan: Plan | None = Field(default=None, description="The whole plan, edited.")
    note: str | None = Field(default=None, max_length=2000, description="Kept with the edits.")


Body = Approval
Reply = PipelineView
PROBLEMS = ("not_waiting", "edit_refused", "content_refused")
EXAMPLE = {"note": "Accepted as it is."}
REPLY_EXAMPLE = {**VIEW_EXAMPLE, "status": "processing", "stage": "generate_visual", "progress": 0.07}


def handle(call: Call[Approval]) -> Answer:
    """200 with the pipeline on its way again; 409 when nothing waits, 422 for an edit that is not allowed."""
    pipeline = visible(call, "change")
    try:
        key = control.waiting_step(call.context, pipeline.id)
        waiting = Plan.model_validate(control.result_of(call.context, pipeline.id, key)["plan"])
        chosen = call.body.plan or waiting
        changes = _judge(pipeline, waiting, chosen)
        outcome = accepted(chosen, [change.model_dump(mode="json") for change in changes])
        decision = {"by": call.caller.id, "note": call.body.note or ""}
        outcome = outcome.model_copy(update={"result": {**outcome.result, **decision}})
        moved = control.resume(call.context, pipeline.id, key, outcome)
    except NotWaiting as over:
        raise Problem(409, "not_waiting", str(over), facts={"pipeline_status": pipeline.status}) from None
    return Answer(body=view(call.context, moved))


def _judge(pipeline: Pipeline, waiting: Plan, chosen: Plan) -> tuple[Edit, ...]:
    """The edits, if all of them are allowed and say what may be said."""
    rules = PipelineRequest.model_validate(pipeline.request).rules
    try:
        changes = edits(waiting, chosen, max_seconds=rules.max_duration_sec)
    except EditRefused as refused:
        fault = Fault(f"#/plan{refused.pointer}", str(refused))
        raise Problem(422, "edit_refused", str(refused), faults=[fault]) from None
    for text in texts(changes):
        verdict = moderate(sanitise(text))
        if not verdict.allowed:
            raise Problem(422, "content_refused", verdict.reason)
    return changes
