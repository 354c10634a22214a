"""Make the picture of one scene."""

from common.domain.pipeline import Outcome
from common.engine import artefacts, gateway, production
from common.engine.artefacts import Made
from common.engine.task import Task
from common.providers.visuals.port import brief_of


def run(task: Task) -> Outcome:
    """Compose the scene; it depends on the scene itself, its place, and the kinds of its neighbours alone."""
    plan = production.plan_of(task)
    index = next(i for i, scene in enumerate(plan.scenes) if scene.id == task.input["scene"])
    scene = plan.scenes[index].model_copy(update={"take": task.input.get("take", 0)})
    scenes = (*plan.scenes[:index], scene, *plan.scenes[index + 1 :])
    plan = plan.model_copy(update={"scenes": scenes})
    name = task.pipeline.facts["engines"]["visuals"]
    engine = task.context.registry.kind_of(name)
    inputs = {**brief_of(plan, index).model_dump(mode="json"), "engine": [name, engine.version]}

    def produce() -> Made:
        composition = gateway.call(task, name, lambda visuals: visuals.stage(plan, index))
        facts = {"written": composition.written(), "notes": composition.notes, "template": composition.template}
        return Made({"composition.json": composition.model_dump_json().encode()}, facts)

    made = artefacts.make(task, f"visual/{scene.id}", inputs, produce)
    return Outcome(result={"work": [{"name": f"visual of {scene.id}", **made.note()}]})
