"""Hold the plan until the client accepts or edits it, where the preset or the request says so."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from common.domain.pipeline import Outcome, Spec
from common.domain.plan import Plan
from common.engine.task import Task
from common.providers.visuals.subjects import drawings


def run(task: Task) -> Outcome:
    """Wait for the client at a gated pipeline; otherwise accept the plan as it is."""
    plan = Plan.model_validate(task.result("direct")["plan"])
    if task.request.gated:
        return Outcome(park=True, result={"plan": plan.model_dump(mode="json")})
    return accepted(plan, ())


def accepted(plan: Plan, edits: Sequence[dict[str, Any]], before: Mapping[str, Any] = MappingProxyType({})) -> Outcome:
    """The outcome of an accepted plan: one run per asset, and the render that needs them all.

    `before` is the result of the plan that this one revises: a scene that stays keeps what is drawn of it.
    A video without music or effects is still a video, so those parts are optional: without them it is delivered as
    degraded.
    """
    parts = [
        Spec(step="generate_visual", key=f"generate_visual.{scene.id}", input={"scene": scene.id})
        for scene in plan.scenes
    ]
    parts += [
        Spec(step="generate_narration", key=f"generate_narration.{scene.id}", input={"scene": scene.id})
        for scene in plan.scenes
    ]
    parts += [
        Spec(step="generate_music", key="generate_music", optional=True),
        Spec(step="generate_effects", key="generate_effects", optional=True),
    ]
    stay = Plan.model_validate(before["plan"]).scenes if before else ()
    drawn = before.get("drawings", {})
    kept = {scene.id: drawn[scene.id] for scene in plan.scenes if scene in stay and scene.id in drawn}
    render = Spec(step="render", key="render", needs=tuple(part.key for part in parts))
    return Outcome(
        result={
            "plan": plan.model_dump(mode="json"),
            "drawings": drawings(plan.scenes, kept),
            "edits": list(edits),
        },
        facts={"scenes": len(plan.scenes), "seconds": plan.seconds},
        title=plan.title,
        then=(*parts, render),
    )
