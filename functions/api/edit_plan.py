"""PATCH /pipeline/{id}/plan: change a plan that waits, or have another version of a finished video made."""

from pydantic import Field

from common.domain.edits import EditRefused
from common.domain.patch import PlanPatch, merged
from common.domain.pipeline import Pipeline
from common.engine import control, editing, revision
from common.engine.editing import Edited, Held, NoPlan, NotWaiting, Rewritten
from common.engine.revision import TooMany
from common.http import conditional
from common.http.call import Answer, Call
from common.http.pipelines import DETAIL_EXAMPLE, PipelineDetail, detail, location, visible
from common.http.plans import judged, refusal, tag
from common.http.problem import Problem
from functions.steps.approve import accepted


class PlanEdit(PlanPatch):
    """A JSON merge patch (RFC 7396) of the plan, in which scenes go by their id."""

    note: str | None = Field(default=None, max_length=2000, description="Kept with the edit.")
    budget: float | None = Field(
        default=None,
        strict=True,
        ge=0,
        le=1000,
        description="Cap in US dollars of the revision of a finished video; what the original has left if missing.",
    )


Body = PlanEdit
Reply = PipelineDetail
STATUS = (200, 202)
SENDS = ("Location", "ETag")
PROBLEMS = (
    "not_found",
    "plan_not_editable",
    "precondition_failed",
    "edit_refused",
    "content_refused",
    "too_many_revisions",
)
EXAMPLE = {"scenes": {"s2": {"headline": "Plant in autumn", "camera": "push_in"}, "s4": None}, "note": "Shorter."}
REPLY_EXAMPLE = {
    **DETAIL_EXAMPLE,
    "status": "queued",
    "stage": "generate_visual",
    "progress": 0.07,
    "revision_of": "0c9b7a5e3d1f42886e10",
}


def handle(call: Call[PlanEdit]) -> Answer:
    """200 with the plan that goes on waiting; 202 with the revision of a finished video; 200 where nothing changes."""
    pipeline = visible(call, "change")
    try:
        held = editing.held(call.context.documents, pipeline.id)
        if held.waiting:
            held = editing.rewrite(call.context, pipeline.id, lambda now: _rewritten(call, now))
            return _waiting(call, held)
    except (NoPlan, NotWaiting):
        raise _not_editable(pipeline) from None
    if pipeline.status != "completed":
        raise _not_editable(pipeline)
    wanted = _rewritten(call, held)
    if not wanted.edited.changes:
        return Answer(body=detail(call.context, pipeline, None))
    return _revised(call, pipeline, wanted)


def _rewritten(call: Call[PlanEdit], held: Held) -> Rewritten:
    """The plan with the edit in it, if that is allowed."""
    conditional.require(call, tag(held))
    try:
        plan = merged(held.plan, call.body)
    except EditRefused as refused:
        raise refusal(refused, at="#") from None
    changes = judged(held.pipeline, held.plan, plan, at="#", by_id=True)
    now = call.context.clock.now()
    return Rewritten(plan, Edited(by=call.caller.id, at=now, note=call.body.note or "", changes=changes))


def _waiting(call: Call[PlanEdit], held: Held) -> Answer:
    plan = held.plan.model_dump(mode="json")
    return Answer(body=detail(call.context, held.pipeline, plan), headers={"ETag": tag(held)})


def _revised(call: Call[PlanEdit], pipeline: Pipeline, wanted: Rewritten) -> Answer:
    edited = wanted.edited
    before = control.result_of(call.context, pipeline.id, editing.STEP)
    outcome = accepted(wanted.plan, [change.model_dump(mode="json") for change in edited.changes], before)
    decision = {"by": edited.by, "note": edited.note}
    outcome = outcome.model_copy(update={"result": {**outcome.result, **decision}})
    try:
        born = revision.revise(call.context, pipeline, outcome, revision_id=call.new_id, budget=call.body.budget)
    except TooMany as most:
        raise Problem(409, "too_many_revisions", str(most)) from None
    return Answer(202, detail(call.context, born, None), {"Location": location(call.context, born)})


def _not_editable(pipeline: Pipeline) -> Problem:
    todo = {
        "queued": "wait until it awaits approval or has completed, or cancel it and start another.",
        "processing": "wait until it has completed and edit it then, or cancel it and start another.",
        "awaiting_approval": "it was decided a moment ago; wait until it has completed.",
        "completed": "it keeps no plan; start another.",
        "failed": "start another; what was already made is reused.",
        "cancelled": "start another; what was already made is reused.",
    }[pipeline.status]
    return Problem(
        409,
        "plan_not_editable",
        f"Pipeline {pipeline.id} is {pipeline.status}, so its plan cannot be edited: {todo}",
        facts={"pipeline_status": pipeline.status},
    )
