"""The scene plan: what the video will say and show, before anything is made."""

from typing import Literal

from pydantic import Field, model_validator

from common.domain.frame import FPS, Aspect, Resolution, Size, size_of
from common.domain.model import Model

Lang = Literal["en", "fr", "es", "de", "it", "pt", "ja", "zh", "ko"]
Mood = Literal["calm", "warm", "bright", "serious", "tense", "playful", "epic", "tender"]
SceneKind = Literal[
    "title", "statement", "list", "statistic", "comparison", "timeline", "quote", "steps", "picture", "closing"
]
Transition = Literal["cut", "fade"]
Camera = Literal["still", "push_in", "pull_out", "pan_left", "pan_right", "drift"]

TRANSITION_FRAMES = 16  # a fade takes this many frames, half from each neighbour
MAX_FRAMES = 1_000_000  # of one scene: hours, and still a number to reckon with


class Figure(Model):
    """A number worth showing: `value` as it is read ("73 %"), `share` in 0..1 where it is a part of a whole."""

    value: str
    label: str = ""
    share: float | None = Field(default=None, ge=0, le=1)


class Media(Model):
    """A picture or clip of the user's, stored under its content hash."""

    object: str
    type: Literal["image", "clip"]
    sha256: str


class Scene(Model):
    """One scene: what is said, what is written, what it looks like and how long it stays (in frames)."""

    id: str
    kind: SceneKind
    narration: str
    headline: str
    lines: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    attribution: str = ""
    mood: Mood = "calm"
    idea: str = ""
    camera: Camera = "drift"
    media: Media | None = None
    frames: int = Field(ge=1, le=MAX_FRAMES)
    transition: Transition = "fade"
    take: int = 0  # grows when quality control has the scene made again


class Plan(Model):
    """A whole video: its scenes in order, and what holds for all of them."""

    title: str
    lang: Lang
    aspect: Aspect
    resolution: Resolution
    fps: int = FPS
    mood: Mood = "calm"
    music_style: str = ""
    voice: str = ""
    look: str = ""  # name of the palette and type pairing that all scenes share
    seed: int = 0
    source: Literal["prompt", "script"] = "prompt"
    planner: str = ""  # engine and version that wrote it, with a note where it is a template
    scenes: tuple[Scene, ...] = Field(min_length=1)

    @property
    def size(self) -> Size:
        """Pixels of the finished picture."""
        return size_of(self.aspect, self.resolution)

    @property
    def frames(self) -> int:
        """Length of the finished video in frames: transitions overlap nothing and add nothing."""
        return sum(scene.frames for scene in self.scenes)

    @property
    def seconds(self) -> float:
        """Length of the finished video in seconds."""
        return self.frames / self.fps

    def starts(self) -> tuple[int, ...]:
        """The first frame of every scene."""
        starts, at = [], 0
        for scene in self.scenes:
            starts.append(at)
            at += scene.frames
        return tuple(starts)

    def scene(self, scene_id: str) -> Scene:
        """The scene of that id; KeyError when the plan has none."""
        for scene in self.scenes:
            if scene.id == scene_id:
                return scene
        raise KeyError(f"The plan {self.title!r} has no scene {scene_id!r}.")

    @model_validator(mode="after")
    def _ids_are_unique(self) -> "Plan":
        ids = [scene.id for scene in self.scenes]
        if len(set(ids)) != len(ids):
            raise ValueError(f"Scene ids must differ, got {ids}.")
        return self
