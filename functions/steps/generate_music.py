"""Compose the music of the whole video."""

from common.domain.pipeline import Outcome
from common.engine import artefacts, gateway, production
from common.engine.artefacts import Made
from common.engine.task import Task


def run(task: Task) -> Outcome:
    """Compose by mood and style, exactly as long as the video."""
    plan = production.plan_of(task)
    name = task.pipeline.facts["engines"]["music"]
    engine = task.context.registry.kind_of(name)
    inputs = {
        "mood": [plan.mood, plan.music_style],
        "seconds": plan.seconds,
        "seed": plan.seed,
        "engine": [name, engine.version],
    }

    def produce() -> Made:
        sound = gateway.call(
            task, name, lambda music: music.compose(plan.mood, plan.music_style, plan.seconds, plan.seed)
        )
        return Made({"music.wav": sound})

    made = artefacts.make(task, "music", inputs, produce)
    return Outcome(result={"work": [{"name": "music", **made.note()}]})
