"""What a visuals engine promises."""

import math
from typing import Protocol

from common.domain.brand import Brand
from common.domain.frame import Size
from common.domain.model import Model
from common.domain.plan import Lang, Mood, Plan, Scene, SceneKind
from common.domain.platforms import Platform
from common.media.composition import Composition
from common.providers.operation import Operations

SHORTEST_CLIP, LONGEST_CLIP = 2, 10  # seconds, as engines that make clips offer them


class Brief(Model):
    """Everything one scene's picture may depend on. Of its neighbours it sees only their kind.

    So an edit of one scene's text changes that scene's picture and no other; two equal briefs give equal pictures.
    """

    scene: Scene
    index: int
    last: bool
    before: SceneKind | None
    after: SceneKind | None
    size: Size
    fps: int
    lang: Lang
    mood: Mood
    look: str
    seed: int
    brand: Brand | None = None
    platform: Platform | None = None
    logo: str | None = None


def brief_of(plan: Plan, index: int) -> Brief:
    """The brief of the scene at `index`; IndexError when the plan has no such scene."""
    if not 0 <= index < len(plan.scenes):
        raise IndexError(f"The plan {plan.title!r} has {len(plan.scenes)} scenes, none at {index}.")
    return Brief(
        # What is heard beside the picture does not change it.
        scene=plan.scenes[index].model_copy(update={"transition": "fade"}),
        index=index,
        last=index == len(plan.scenes) - 1,
        before=plan.scenes[index - 1].kind if index else None,
        after=plan.scenes[index + 1].kind if index + 1 < len(plan.scenes) else None,
        size=plan.size,
        fps=plan.fps,
        lang=plan.lang,
        mood=plan.mood,
        look=plan.look,
        seed=plan.seed,
        brand=plan.brand,
        platform=plan.platform,
        logo=plan.logo,
    )


def clip_seconds(scene: Scene, fps: int) -> int:
    """Whole seconds of a clip that is made for a scene: at most ten, which repeat in a longer one; 0 for none.

    A scene that shows the user's own media needs no clip.
    """
    return 0 if scene.media else min(LONGEST_CLIP, max(SHORTEST_CLIP, math.ceil(scene.frames / fps)))


class Visuals(Protocol):
    """Turns a scene into a display list. `quality` is 0..1; `version` grows when the same brief looks different."""

    name: str
    version: str
    quality: float
    paid: bool

    def stage(self, plan: Plan, index: int, drawing: str | None = None) -> Composition:
        """The picture of the scene at `index`: as long as the scene, at the plan's size and rate.

        `drawing` is the motif that the film keeps for this scene.
        """
        ...


class Clips(Operations, Protocol):
    """A paid visuals engine, whose operation makes a clip for a scene. Its answer is the clip, an MP4, as bytes."""

    name: str
    version: str
    quality: float
    paid: bool

    @classmethod
    def price(cls, size: float) -> int:
        """What so many seconds of clip cost, in micro-dollars."""
        ...

    def start(self, brief: Brief, seconds: int, key: str) -> str:
        """Start a clip of so many seconds; the provider's id of the operation."""
        ...
