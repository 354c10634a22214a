"""The published film many times over, for a renderer that is to show what grows with the length.

Every repetition stands a little closer, so that no segment is made once and shown twice.
"""

from typing import Any

from common.domain.plan import Plan
from common.engine import production, store
from common.engine.task import Task
from common.media.composition import Composition, Photo
from common.platform.documents import Put, Write
from common.providers.effects.cues import cues
from common.providers.effects.local import LocalEffects
from common.providers.music.local import LocalMusic
from scripts.benchmarks.film.specification import Given, compositions

_CLOSER = 0.002  # of the picture, each time


def lengthen(given: Given, times: int) -> Plan:
    """Write the longer film over the one that waits for its render, as if it had been planned and produced so."""
    task = given.task()
    plan, shown = compositions(task)
    longer = plan.model_copy(
        update={
            "scenes": tuple(
                scene.model_copy(update={"id": _again(scene.id, number)})
                for number in range(times)
                for scene in plan.scenes
            )
        }
    )
    steps = {step.key: step for step in store.steps(task.context.documents, given.pipeline)}
    parts, writes = dict(task.pipeline.parts), list[Write]()

    def put(key: str, source: str, result: dict[str, Any]) -> None:
        step = steps[source].model_copy(update={"key": key, "result": {**steps[source].result, **result}})
        parts[key] = task.pipeline.parts[source]
        writes.append(Put(store.step_path(given.pipeline, key), step.model_dump(mode="json")))

    put("approve", "approve", {"plan": longer.model_dump(mode="json")})
    for number in range(1, times):
        for scene in plan.scenes:
            put(f"generate_narration.{_again(scene.id, number)}", f"generate_narration.{scene.id}", {})
            seen = _file(task, f"{scene.id}-{number}", "composition.json", _closer(shown[scene.id], number))
            source = f"generate_visual.{scene.id}"
            put(f"generate_visual.{_again(scene.id, number)}", source, _work(steps[source].result, seen))
    music = LocalMusic().compose(plan.mood, plan.music_style, longer.seconds, plan.seed)
    effects = LocalEffects().design(cues(longer), longer.seconds, plan.seed)
    for name, sound in (("music", music), ("effects", effects)):
        source = f"generate_{name}"
        put(source, source, _work(steps[source].result, _file(task, "long", f"{name}.wav", sound)))
    pipeline = task.pipeline.model_copy(update={"parts": parts})
    writes.append(Put(store.pipeline_path(given.pipeline), pipeline.model_dump(mode="json")))
    task.context.documents.commit(writes)
    assert production.plan_of(given.task()) == longer
    return longer


def _again(scene: str, number: int) -> str:
    return f"{scene}-{number}" if number else scene


def _closer(composition: Composition, number: int) -> bytes:
    layers = [
        layer.model_copy(update={"zoom": tuple(zoom * (1 + _CLOSER * number) for zoom in layer.zoom)})
        if isinstance(layer, Photo)
        else layer
        for layer in composition.layers
    ]
    return composition.model_copy(update={"layers": tuple(layers)}).model_dump_json().encode()


def _file(task: Task, folder: str, name: str, content: bytes) -> dict[str, str]:
    key = f"artefacts/long/{folder}/{name}"
    task.context.objects.put(key, content)
    return {name: key}


def _work(result: dict[str, Any], files: dict[str, str]) -> dict[str, Any]:
    [work] = result["work"]
    return {"work": [{**work, "artefact": next(iter(files.values())), "files": files}]}
