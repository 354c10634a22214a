"""Plans as clients see and edit them: what may be changed, and what an edit may say."""

from typing import Any

from pydantic import Field

from common.domain.edits import EDITABLE, Edit, EditRefused, edits, texts
from common.domain.model import Model
from common.domain.moderation import moderate
from common.domain.pipeline import Pipeline
from common.domain.plan import Plan
from common.domain.request import PipelineRequest
from common.domain.text import sanitise
from common.engine.editing import Edited, Held
from common.http import conditional, respond
from common.http.problem import Fault, Problem


class PlanView(Model):
    """The plan of a pipeline, and every edit that made it what it is."""

    pipeline_id: str = Field(description="The pipeline that makes it.")
    waiting: bool = Field(description="Whether it waits for the client; an edit of an accepted plan makes a revision.")
    editable: tuple[str, ...] = Field(description="Fields that PATCH takes; all others are locked.")
    plan: Plan = Field(description="What the video says and shows.")
    edits: tuple[Edited, ...] = Field(description="Every edit, oldest first, with what stood before and after.")


VIEW_EXAMPLE: dict[str, Any] = {
    "pipeline_id": "5f0c6ad1b2e94c7783d0",
    "waiting": True,
    "editable": ["music_style", "scenes", "voice", "order"],
    "plan": {
        "title": "Why we plant trees in autumn",
        "lang": "en",
        "aspect": "16:9",
        "resolution": "1080p",
        "scenes": [
            {
                "id": "s1",
                "kind": "title",
                "narration": "Autumn is the best time to plant a tree.",
                "headline": "Plant in autumn",
                "frames": 96,
            }
        ],
    },
    "edits": [
        {
            "by": "ann",
            "at": "2026-03-01T09:31:00Z",
            "note": "Shorter.",
            "changes": [{"pointer": "/scenes/0/headline", "before": "Trees", "after": "Plant in autumn"}],
        }
    ],
}


def shown(held: Held) -> PlanView:
    """A plan for its own page."""
    return PlanView(
        pipeline_id=held.pipeline.id,
        waiting=held.waiting,
        editable=(*sorted(EDITABLE), "order"),
        plan=held.plan,
        edits=held.history,
    )


def tag(held: Held) -> str:
    """The entity tag that the boundary gives the page of this plan: another edit, another tag."""
    return conditional.etag(respond.payload(shown(held), "application/json"))


def judged(pipeline: Pipeline, before: Plan, after: Plan, *, at: str, by_id: bool = False) -> tuple[Edit, ...]:
    """The edits from one plan to the other, if all of them are allowed and say what may be said; Problem 422.

    `at` is where in the body the plan stands, and `by_id` whether its scenes go by their id there, for pointers.
    """
    rules = PipelineRequest.model_validate(pipeline.request).rules
    try:
        changes = edits(before, after, max_seconds=rules.max_duration_sec)
    except EditRefused as refused:
        raise refusal(refused, at=at, plan=after if by_id else None) from None
    for text in texts(changes):
        verdict = moderate(sanitise(text))
        if not verdict.allowed:
            raise Problem(422, "content_refused", verdict.reason)
    return changes


def refusal(refused: EditRefused, *, at: str, plan: Plan | None = None) -> Problem:
    """An edit that is not allowed, as the answer to a client; with a plan, scenes are pointed at by id."""
    pointer = refused.pointer
    parts: list[Any] = pointer.split("/")
    if plan is not None and pointer.startswith("/scenes/") and parts[2].isdigit():
        parts[2] = plan.scenes[int(parts[2])].id
        pointer = "/".join(parts)
    return Problem(422, "edit_refused", str(refused), faults=[Fault(f"{at}{pointer}", str(refused))])
