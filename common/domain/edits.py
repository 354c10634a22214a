"""What a client may change in a plan that waits for approval, and the record of every change."""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import Field

from common.domain.model import Model
from common.domain.plan import MIN_FRAMES, Plan, Scene

EDITABLE = frozenset({"scenes", "music_style", "voice"})
LOCKED_IN_SCENE = frozenset({"id", "media", "take"})
MAX_SCENES = 60
MAX_NARRATION = 10_000  # characters of a whole video, as in a request
MAX_TEXT = 300  # characters of one piece of text on the screen
MAX_PIECES = 12  # lines or figures of one scene
MAX_SHOWN = 30_000  # characters on the screen in a whole video, so that a plan and its edits fit into documents
MAX_STYLE = 50  # characters, as in a request

# Scene ids become parts of step keys, object keys and document paths.
_SCENE_ID = re.compile(r"(?!take)[a-z0-9][a-z0-9_-]{0,39}")


class EditRefused(ValueError):
    """The edited plan cannot be accepted: `pointer` says where, the text why and what to do."""

    def __init__(self, pointer: str, detail: str):
        super().__init__(detail)
        self.pointer = pointer


class Edit(Model):
    """One change: where in the plan (a JSON pointer; None stands for what was not or is no longer there)."""

    pointer: str = Field(description="Where in the plan, as a JSON pointer.")
    before: Any = Field(default=None, description="What stood there; null where nothing did.")
    after: Any = Field(default=None, description="What stands there now; null where it was taken away.")


def edits(before: Plan, after: Plan, *, max_seconds: float) -> tuple[Edit, ...]:
    """Every change from one plan to the other, in order; EditRefused for the first that is not allowed.

    Scenes may be rewritten, retimed, reordered, removed and added, and the audio style may change. What keeps the
    video consistent (look, seed, size, language, frame rate) was fixed when the plan was priced, and stays.
    """
    _check_locked(before, after)
    _check_size(before, after, max_seconds)
    return tuple(_changes(before, after))


def _check_locked(before: Plan, after: Plan) -> None:
    for name in Plan.model_fields:
        was, now = getattr(before, name), getattr(after, name)
        if name not in EDITABLE and was != now:
            raise EditRefused(
                f"/{name}", f"{name} is locked and must stay {was!r}; editable are {', '.join(sorted(EDITABLE))}."
            )
    known = {scene.id: scene for scene in before.scenes}
    for at, scene in enumerate(after.scenes):
        original = known.get(scene.id)
        for name in ("media", "take"):
            was = getattr(original, name) if original else Scene.model_fields[name].default
            if getattr(scene, name) != was:
                raise EditRefused(f"/scenes/{at}/{name}", f"{name} of a scene is locked and cannot be edited here.")
        if original is None and not _SCENE_ID.fullmatch(scene.id):
            raise EditRefused(
                f"/scenes/{at}/id",
                "The id of a new scene takes 1 to 40 small letters, digits, hyphens and underscores, "
                "and does not start with 'take'.",
            )


def _check_size(before: Plan, after: Plan, max_seconds: float) -> None:
    if len(after.scenes) > max(MAX_SCENES, len(before.scenes)):
        raise EditRefused("/scenes", f"The plan has {len(after.scenes)} scenes; {MAX_SCENES} are the most.")
    if after.seconds > max(max_seconds, before.seconds):
        raise EditRefused(
            "/scenes", f"The plan takes {after.seconds:.1f} s, and the preset allows {max_seconds:g} s; shorten scenes."
        )
    if sum(len(scene.narration) for scene in after.scenes) > max(
        MAX_NARRATION, sum(len(scene.narration) for scene in before.scenes)
    ):
        raise EditRefused("/scenes", f"The narration has more than {MAX_NARRATION} characters in all; shorten it.")
    shown, was_shown = (
        sum(len(text) for scene in plan.scenes for _, text in _shown(scene)) for plan in (after, before)
    )
    if shown > max(MAX_SHOWN, was_shown):
        raise EditRefused("/scenes", f"The plan shows more than {MAX_SHOWN} characters in all; shorten its texts.")
    for name in ("music_style", "voice"):
        if len(getattr(after, name)) > MAX_STYLE:
            raise EditRefused(f"/{name}", f"{name} has more than {MAX_STYLE} characters; shorten it.")
    known = {scene.id: scene for scene in before.scenes}
    for at, scene in enumerate(after.scenes):
        if scene == known.get(scene.id):
            continue
        if scene.frames < MIN_FRAMES:
            raise EditRefused(
                f"/scenes/{at}/frames",
                f"Scene {scene.id} would stay for {scene.frames} frames, and {MIN_FRAMES} are the fewest; "
                "give it more frames or take it out.",
            )
        for name in ("lines", "figures"):
            if len(getattr(scene, name)) > MAX_PIECES:
                raise EditRefused(f"/scenes/{at}/{name}", f"A scene shows at most {MAX_PIECES} {name}.")
        for name, text in _shown(scene):
            if len(text) > MAX_TEXT:
                raise EditRefused(
                    f"/scenes/{at}/{name}", f"Text on the screen has at most {MAX_TEXT} characters a piece; shorten it."
                )


def _shown(scene: Scene) -> Iterator[tuple[str, str]]:
    names = ("headline", "attribution", "idea", "syntax")
    yield from ((name, getattr(scene, name)) for name in names)
    yield from (("lines", line) for line in scene.lines)
    yield from (("figures", figure.value + figure.label) for figure in scene.figures)


def texts(changes: tuple[Edit, ...]) -> Iterator[str]:
    """Every text that an edit brought in, for whoever judges what may be said and shown."""

    def within(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from within(inner)

    for change in changes:
        yield from within(change.after)


def _changes(before: Plan, after: Plan) -> Iterator[Edit]:
    for name in ("music_style", "voice"):
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            yield Edit(pointer=f"/{name}", before=was, after=now)
    kept = {scene.id: scene for scene in after.scenes}
    for at, scene in enumerate(before.scenes):
        edited = kept.get(scene.id)
        if edited is None:
            yield Edit(pointer=f"/scenes/{at}", before=scene.model_dump(mode="json"))
            continue
        old, new = scene.model_dump(mode="json"), edited.model_dump(mode="json")
        yield from (
            Edit(pointer=f"/scenes/{at}/{name}", before=old[name], after=new[name])
            for name in old
            if old[name] != new[name]
        )
    known = {scene.id for scene in before.scenes}
    for at, scene in enumerate(after.scenes):
        if scene.id not in known:
            yield Edit(pointer=f"/scenes/{at}", after=scene.model_dump(mode="json"))
    was, now = ([scene.id for scene in plan.scenes if scene.id in known & set(kept)] for plan in (before, after))
    if was != now:
        yield Edit(pointer="/scenes", before=was, after=now)
