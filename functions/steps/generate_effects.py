"""Design the sound effects of the whole video."""

from common.domain.pipeline import Outcome
from common.engine import artefacts, gateway, production
from common.engine.artefacts import Made
from common.engine.task import Task
from common.providers.effects.cues import cues as cues_of


def run(task: Task) -> Outcome:
    """Put a few quiet effects where the plan cuts and reveals."""
    plan = production.plan_of(task)
    name = task.pipeline.facts["engines"]["effects"]
    engine = task.context.registry.kind_of(name)
    moments = cues_of(plan)
    inputs = {
        "cues": [cue.model_dump(mode="json") for cue in moments],
        "seconds": plan.seconds,
        "seed": plan.seed,
        "engine": [name, engine.version],
    }

    def produce() -> Made:
        sound = gateway.call(task, name, lambda effects: effects.design(moments, plan.seconds, plan.seed))
        return Made({"effects.wav": sound})

    made = artefacts.make(task, "effects", inputs, produce)
    return Outcome(result={"work": [{"name": "effects", **made.note()}]})
