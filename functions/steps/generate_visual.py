"""Make the picture of one scene."""

from common.domain.pipeline import Outcome
from common.engine import artefacts, gateway, production
from common.engine.artefacts import Made
from common.engine.task import Task


def run(task: Task) -> Outcome:
    """Compose the scene; it depends on the scene itself, its place, and the kinds of its neighbours alone."""
    plan = production.plan_of(task)
    index = next(i for i, scene in enumerate(plan.scenes) if scene.id == task.input["scene"])
    scene = plan.scenes[index].model_copy(update={"take": task.input.get("take", 0)})
    scenes = (*plan.scenes[:index], scene, *plan.scenes[index + 1 :])
    plan = plan.model_copy(update={"scenes": scenes})
    name = task.pipeline.facts["engines"]["visuals"]
    engine = task.context.registry.kind_of(name)
    inputs = {
        "scene": scene,
        "place": [index, index == len(scenes) - 1],
        "neighbours": [scenes[near].kind if 0 <= near < len(scenes) else None for near in (index - 1, index + 1)],
        "look": [plan.look, plan.mood, plan.seed],
        "language": plan.lang,
        "picture": [plan.aspect, plan.resolution, plan.fps],
        "engine": [name, engine.version],
    }

    def produce() -> Made:
        composition = gateway.call(task, name, lambda visuals: visuals.stage(plan, index))
        return Made({"composition.json": composition.model_dump_json().encode()})

    made = artefacts.make(task, f"visual/{scene.id}", inputs, produce)
    return Outcome(result={"work": [{"name": f"visual of {scene.id}", **made.note()}]})
