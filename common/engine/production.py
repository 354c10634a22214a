"""The recorded results of a pipeline's steps as the things they stand for: plan, pictures, voices."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from common.domain.findings import Finding
from common.domain.model import digest
from common.domain.pipeline import Spec, Step
from common.domain.plan import Plan
from common.domain.repairs import MOST, remedies
from common.domain.speech import Narration
from common.engine import store
from common.engine.task import Task
from common.media.composition import Composition
from common.media.timeline import Timeline


def plan_of(task: Task) -> Plan:
    """The plan that was accepted."""
    return Plan.model_validate(task.result("approve")["plan"])


def drawing_of(task: Task, scene: str) -> str | None:
    """The motif that the film keeps for a scene; a plan that an earlier release accepted keeps none."""
    drawn: str | None = task.result("approve").get("drawings", {}).get(scene)
    return drawn


def work_of(task: Task, step: str) -> dict[str, dict[str, Any]]:
    """The artefact of each finished run of a step: by scene id, or "" for the whole video. A later take replaces."""
    found: dict[str, dict[str, Any]] = {}
    for key, result in sorted(task.results(step).items(), key=lambda item: take_of(item[0])):
        if result.get("work"):
            found[scene_of(key)] = result["work"][0]
    return found


def latest(task: Task, step: str) -> dict[str, Any]:
    """The result of the last take of a step."""
    runs = task.results(step)
    return runs[max(runs, key=take_of)]


def film_of(task: Task) -> dict[str, str]:
    """Object keys of everything the last render made, by file name."""
    return {name: key for work in latest(task, "render")["work"] for name, key in work["files"].items()}


def timeline_of(task: Task) -> Timeline:
    """The timeline of the last render."""
    return Timeline.model_validate_json(task.context.objects.read(film_of(task)["timeline.json"]))


def repair(task: Task, findings: Sequence[Finding]) -> tuple[Spec, ...]:
    """Step runs that make again what was found at fault, and the film with it; empty when that cannot help any more.

    Keys count the repairs of this pipeline. A scene's take is one above its last, which in a revision may be one that
    repaired the video it goes back to.
    """
    turn = int(task.input.get("take", 0)) + 1
    wanted = remedies(findings)
    if not wanted or turn > MOST:
        return ()
    made = last_made(store.steps(task.context.documents, task.pipeline.id))
    parts = tuple(
        Spec(
            step=step,
            key=f"{step}.{scene}.take{turn}",
            input={"scene": scene, "take": int(made[step, scene].input.get("take", 0)) + 1},
        )
        for step, scenes in sorted(wanted.items())
        for scene in scenes
        if (step, scene) in made  # a scene may say nothing
    )
    encoded = dict(task.input.get("scenes", {}))
    again = Spec(
        step="render",
        key=f"render.take{turn}",
        needs=tuple(part.key for part in parts),
        input={"take": turn, "scenes": encoded | {scene: encoded.get(scene, 0) + 1 for scene in wanted["render"]}},
    )
    return (*parts, again)


def last_made(steps: Iterable[Step]) -> dict[tuple[str, str], Step]:
    """The last run that made something, by step and scene; the scene is empty for the whole video."""
    made = [step for step in steps if step.state == "done" and step.result.get("work")]
    return {(step.step, scene_of(step.key)): step for step in sorted(made, key=lambda step: take_of(step.key))}


def pictures_of(task: Task) -> dict[str, Composition]:
    """The display list of every scene."""
    return {
        scene: Composition.model_validate_json(task.context.objects.read(work["files"]["composition.json"]))
        for scene, work in work_of(task, "generate_visual").items()
    }


def voices_of(task: Task) -> dict[str, bytes]:
    """The narration of every scene that has one, as WAV."""
    voices = work_of(task, "generate_narration")
    return {scene: task.context.objects.read(work["files"]["narration.wav"]) for scene, work in voices.items()}


def media_of(task: Task, pictures: Mapping[str, Composition], folder: Path) -> dict[str, Path]:
    """The user's own files that pictures show, by object key, fetched into a folder."""
    keys = sorted({key for composition in pictures.values() for key in composition.objects()})
    return {key: task.context.objects.fetch(key, folder / f"media-{digest(key)[:16]}") for key in keys}


def narrations_of(task: Task) -> dict[str, Narration]:
    """What was spoken, by scene."""
    return {
        scene: Narration.model_validate(work["facts"]) for scene, work in work_of(task, "generate_narration").items()
    }


def scene_of(key: str) -> str:
    """The scene that a step run is about, from its key `step.scene[.take]`; empty for the whole video."""
    parts = key.split(".")
    return parts[1] if len(parts) > 1 and not parts[1].startswith("take") else ""


def take_of(key: str) -> int:
    """How often a step run was repeated for quality, from its key; 0 for the first."""
    last = key.rsplit(".", 1)[-1]
    return int(last.removeprefix("take")) if last.startswith("take") and last != key else 0


def fetch(task: Task, files: Mapping[str, str], name: str, folder: Path) -> Path:
    """One file of an artefact at a local path."""
    return task.context.objects.fetch(files[name], folder / name)
