"""A part of a plan, merged into the whole: a JSON merge patch (RFC 7396) that names scenes by their id."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from common.domain.edits import EditRefused
from common.domain.model import WHOLE, Model
from common.domain.pacing import least_frames, scene_frames
from common.domain.plan import MAX_FRAMES, MIN_FRAMES, Camera, Figure, Mood, Plan, Scene, SceneKind, Transition

REQUIRED = ("kind", "narration", "headline")  # of a new scene
_EDITABLE = ("scenes", "order", "music_style", "voice")
_MOST_SCENES = 200  # in one patch; how many a plan may have is another rule


class ScenePatch(Model):
    """What changes in one scene. A field that is left out stays; null puts it back to its default."""

    kind: SceneKind = Field(default="statement", description="What the scene is. Required for a new one.")
    narration: str = Field(
        default="", description="What is said. A longer text than the scene has time for makes it longer."
    )
    headline: str = Field(default="", description="The largest text on the screen. Required for a new scene.")
    lines: tuple[str, ...] | None = Field(default=None, description="Further lines on the screen.")
    figures: tuple[Figure, ...] | None = Field(default=None, description="Numbers to show.")
    syntax: str | None = Field(default=None, description="Language of code, as after the fence of Markdown.")
    attribution: str | None = Field(default=None, description="Whose words a quote is.")
    mood: Mood | None = Field(default=None, description="How the scene feels.")
    idea: str | None = Field(default=None, description="What the picture shows, for engines that make clips.")
    camera: Camera | None = Field(default=None, description="How the camera moves.")
    frames: Annotated[int, WHOLE] = Field(
        default=MIN_FRAMES,
        strict=True,
        ge=MIN_FRAMES,
        le=MAX_FRAMES,
        description="How long the scene stays, in frames of the plan.",
    )
    transition: Transition | None = Field(default=None, description="How the scene takes over from the one before.")

    @model_validator(mode="before")
    @classmethod
    def _leaves_locked_fields(cls, data: Any) -> Any:
        return _unlocked(data, Scene, tuple(cls.model_fields), "a scene")


class PlanPatch(Model):
    """What changes in a plan. `scenes` goes by id: an object changes or adds that scene, null takes it out."""

    scenes: dict[str, ScenePatch | None] = Field(
        default_factory=dict, max_length=_MOST_SCENES, description="Changes by scene id; null removes the scene."
    )
    order: tuple[str, ...] | None = Field(
        default=None, max_length=_MOST_SCENES, description="The id of every scene, in their new order."
    )
    music_style: str | None = Field(default=None, description="Style of the music; null leaves it to the mood.")
    voice: str | None = Field(default=None, description="Voice of the narration; null takes the language's own.")

    @model_validator(mode="before")
    @classmethod
    def _leaves_locked_fields(cls, data: Any) -> Any:
        return _unlocked(data, Plan, _EDITABLE, "a plan")


def merged(plan: Plan, patch: PlanPatch) -> Plan:
    """The plan with the patch in it; EditRefused where the patch does not fit the plan. It is not judged yet."""
    scenes = {scene.id: scene for scene in plan.scenes}
    for name, change in patch.scenes.items():
        known = scenes.get(name)
        if change is not None:
            scenes[name] = _merged(plan, known, name, change)
        elif known is None:
            raise EditRefused(f"/scenes/{name}", f"There is no scene {name[:60]!r} to remove ({_listed(plan)}).")
        else:
            del scenes[name]
    if not scenes:
        raise EditRefused("/scenes", "A plan needs a scene, and this takes out every one; leave one or add another.")
    order = tuple(scenes) if patch.order is None else patch.order
    if len(order) != len(scenes) or set(order) != set(scenes):
        raise EditRefused("/order", f"order must name every scene once: {', '.join(scenes)}.")
    update: dict[str, Any] = {"scenes": tuple(scenes[name] for name in order)}
    update |= {name: getattr(patch, name) or "" for name in ("music_style", "voice") if name in patch.model_fields_set}
    return plan.model_copy(update=update)


def _merged(plan: Plan, known: Scene | None, name: str, change: ScenePatch) -> Scene:
    given = {
        field: Scene.model_fields[field].default if value is None else value
        for field, value in ((field, getattr(change, field)) for field in change.model_fields_set)
    }
    if known is None:
        missing = [field for field in REQUIRED if field not in given]
        if missing:
            raise EditRefused(
                f"/scenes/{name}",
                f"There is no scene {name[:60]!r} ({_listed(plan)}), and a new one needs {', '.join(missing)}, too.",
            )
        return Scene(**{"frames": scene_frames(given["narration"], plan.lang, plan.fps), **given, "id": name})
    scene = known.model_copy(update=given)
    if scene.narration == known.narration or "frames" in given:
        return scene
    # A text that the voice cannot speak in time makes its scene longer; one that fits leaves all others in place.
    if least_frames(scene.narration, plan.lang, plan.fps) <= scene.frames:
        return scene
    return scene.model_copy(update={"frames": scene_frames(scene.narration, plan.lang, plan.fps)})


def _listed(plan: Plan) -> str:
    return "scenes " + ", ".join(scene.id for scene in plan.scenes)


def _unlocked(data: Any, model: type[Model], editable: tuple[str, ...], what: str) -> Any:
    """What was sent, unless it names what is known and fixed."""
    locked = [name for name in data if name in model.model_fields and name not in editable] if _is_map(data) else []
    if locked:
        raise ValueError(f"{locked[0]} of {what} is locked and cannot be edited; editable are {', '.join(editable)}.")
    return data


def _is_map(data: Any) -> bool:
    return isinstance(data, Mapping)
