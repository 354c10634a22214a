"""Speak the text of one scene."""

from common.domain.pacing import LEAD_IN, TAIL
from common.domain.pipeline import Outcome
from common.engine import artefacts, gateway, production
from common.engine.artefacts import Made
from common.engine.task import Task


def run(task: Task) -> Outcome:
    """Speak within the scene's length, faster where it must be; word times come from the voice itself.

    Another take has another seed, as far as the voice has any.
    """
    plan = production.plan_of(task)
    scene = plan.scene(task.input["scene"])
    name = task.pipeline.facts["engines"]["voice"]
    engine = task.context.registry.kind_of(name)
    seed = plan.seed + int(task.input.get("take", 0))
    fit = round(scene.frames / plan.fps - LEAD_IN - TAIL, 3)
    inputs = {
        "text": scene.narration,
        "language": plan.lang,
        "voice": [plan.voice, seed],
        "room": fit,
        "engine": [name, engine.version],
    }

    def produce() -> Made:
        sound, narration = gateway.call(
            task, name, lambda voice: voice.speak(scene.narration, plan.lang, plan.voice, seed, fit)
        )
        return Made({"narration.wav": sound}, narration.model_dump(mode="json"))

    made = artefacts.make(task, f"narration/{scene.id}", inputs, produce)
    return Outcome(result={"work": [{"name": f"narration of {scene.id}", **made.note()}]})
