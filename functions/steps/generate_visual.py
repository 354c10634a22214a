"""Make the picture of one scene."""

import hashlib
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from common.domain.pipeline import Outcome
from common.domain.plan import Media, Plan
from common.engine import artefacts, gateway, operations, production
from common.engine.artefacts import Artefact, Made
from common.engine.reservations import NoRoom
from common.engine.task import Task, Waiting
from common.media.composition import Composition
from common.media.layout import logo_box
from common.media.logo import marked
from common.providers.errors import ProviderUnavailable, Refused, Throttled, Unanswered
from common.providers.visuals.clip import stage_clip
from common.providers.visuals.port import brief_of, clip_seconds

FREE = "local-visuals"
PATIENCE = timedelta(minutes=15)  # with a clip that is not done, well within the step's deadline


def run(task: Task) -> Outcome:
    """Compose the scene; it depends on the scene itself, its drawing, its place, and its neighbours' kinds alone.

    Where money or the provider forbid the clip that was planned, the free engine draws the scene and it is said so.
    """
    plan = production.plan_of(task)
    index = next(i for i, scene in enumerate(plan.scenes) if scene.id == task.input["scene"])
    scene = plan.scenes[index].model_copy(update={"take": task.input.get("take", 0)})
    scenes = (*plan.scenes[:index], scene, *plan.scenes[index + 1 :])
    plan = plan.model_copy(update={"scenes": scenes})
    # A revision keeps a scene that stays to the engine that made it, for another one would be paid anew.
    name = task.input.get("engine") or task.pipeline.facts["engines"]["visuals"]
    notes = []
    made = None
    if task.context.registry.kind_of(name).paid:
        if clip_seconds(scene, plan.fps):
            try:
                made = _filmed(task, name, plan, index)
            except (NoRoom, ProviderUnavailable, Refused, Throttled, Waiting) as no:
                if _worth_waiting(task, no):
                    raise
                what = "did not finish" if isinstance(no, Waiting) else "did not run"
                notes.append(f"{name} {what} ({no}); {FREE} ran instead.")
        name = FREE
    made = made or _drawn(task, name, plan, index)
    work = made.note()
    work["facts"]["notes"] = [*work["facts"]["notes"], *notes]
    return Outcome(result={"work": [{"name": f"visual of {scene.id}", **work}]})


def _drawn(task: Task, name: str, plan: Plan, index: int) -> Artefact:
    """The scene as a free engine draws it."""
    drawing = production.drawing_of(task, plan.scenes[index].id)

    def produce() -> Made:
        return _kept(task, plan, gateway.call(task, name, lambda visuals: visuals.stage(plan, index, drawing)))

    return _made(task, name, plan, index, produce, drawing=drawing)


def _filmed(task: Task, name: str, plan: Plan, index: int) -> Artefact:
    """The scene with a clip that a paid engine makes for it, stored under its content hash as users' clips are."""
    registry = task.context.registry
    if why := registry.unavailable(name):
        raise ProviderUnavailable(why)
    brief, seconds = brief_of(plan, index), clip_seconds(plan.scenes[index], plan.fps)

    def produce() -> Made:
        price = registry.kind_of(name).price(seconds)
        clip = operations.call_operation(task, name, price, lambda engine, key: engine.start(brief, seconds, key))
        sha256 = hashlib.sha256(clip).hexdigest()
        media = Media(object=f"media/{sha256}.mp4", type="clip", sha256=sha256)
        task.context.objects.put(media.object, clip, content_type="video/mp4")
        return _kept(task, plan, stage_clip(plan, index, media))

    return _made(task, name, plan, index, produce)


def _made(task: Task, name: str, plan: Plan, index: int, produce: Callable[[], Made], **more: Any) -> Artefact:
    engine = [name, task.context.registry.kind_of(name).version]
    inputs = {**brief_of(plan, index).model_dump(mode="json"), "engine": engine, **more}
    return artefacts.make(task, f"visual/{plan.scenes[index].id}", inputs, produce)


def _kept(task: Task, plan: Plan, composition: Composition) -> Made:
    if logo := plan.logo:
        with tempfile.TemporaryDirectory(prefix="aiprod-logo-") as folder:
            picture = task.context.objects.fetch(logo, Path(folder) / Path(logo).name)
            composition = marked(composition, picture, logo_box(plan.size, plan.platform))
    facts = {"written": composition.written(), "notes": composition.notes, "template": composition.template}
    return Made({"composition.json": composition.model_dump_json().encode()}, facts)


def _worth_waiting(task: Task, no: Exception) -> bool:
    """Whether a later attempt may bring the clip, in time."""
    if isinstance(no, Unanswered):  # it must not be asked for again before it is known what became of it
        return task.step.attempts < task.context.catalogue.rules(task.step.step).attempts
    if isinstance(no, Throttled):
        begun = task.step.started_at or task.step.created_at
        return task.context.clock.now() + timedelta(seconds=no.retry_after) < begun + PATIENCE
    return isinstance(no, Waiting) and no.waited < PATIENCE
