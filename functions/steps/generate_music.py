"""Compose the music of the whole video."""

import tempfile
from pathlib import Path

from common.domain.pipeline import Outcome
from common.domain.plan import Plan
from common.engine import artefacts, gateway, production
from common.engine.artefacts import Artefact, Made
from common.engine.task import Task
from common.media.soundtrack import soundtrack


def run(task: Task) -> Outcome:
    """Compose by mood and style, as long as the video and on its cuts; the user's own music is taken as it is."""
    plan = production.plan_of(task)
    own = task.request.music
    made = _taken(task, plan, own) if own else _composed(task, plan)
    return Outcome(result={"work": [{"name": "music", **made.note()}]})


def _taken(task: Task, plan: Plan, own: str) -> Artefact:
    """The user's music, as long as the video at most; the mix begins a shorter one again."""

    def produce() -> Made:
        with tempfile.TemporaryDirectory(prefix="aiprod-music-") as folder:
            path = task.context.objects.fetch(own, Path(folder) / Path(own).name)
            return Made({"music.wav": soundtrack(path, plan.seconds)})

    return artefacts.make(task, "music", {"music": own, "seconds": plan.seconds}, produce)


def _composed(task: Task, plan: Plan) -> Artefact:
    name = task.pipeline.facts["engines"]["music"]
    engine = task.context.registry.kind_of(name)
    cuts = [start / plan.fps for start in plan.starts()[1:]]
    inputs = {
        "mood": [plan.mood, plan.music_style],
        "seconds": plan.seconds,
        "cuts": cuts,
        "seed": plan.seed,
        "engine": [name, engine.version],
    }

    def produce() -> Made:
        sound = gateway.call(
            task, name, lambda music: music.compose(plan.mood, plan.music_style, plan.seconds, plan.seed, cuts)
        )
        return Made({"music.wav": sound})

    return artefacts.make(task, "music", inputs, produce)
