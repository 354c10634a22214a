"""The scene plan: what the video will say and show, before anything is made."""

from itertools import pairwise
from typing import Literal

from pydantic import Field, model_validator

from common.domain.brand import Brand
from common.domain.frame import FPS, Aspect, Rate, Resolution, Size, size_of
from common.domain.model import Model
from common.domain.platforms import Platform

Lang = Literal["en", "fr", "es", "de", "it", "pt", "ja", "zh", "ko"]
Mood = Literal["calm", "warm", "bright", "serious", "tense", "playful", "epic", "tender"]
SceneKind = Literal[
    "title", "statement", "list", "statistic", "comparison", "timeline", "quote", "steps", "picture", "split", "code",
    "recipe", "closing",
]  # fmt: skip
Transition = Literal["cut", "fade", "slide", "wipe", "zoom"]
CaptionStyle = Literal["words", "phrase", "plain", "off"]
Camera = Literal["still", "push_in", "pull_out", "pan_left", "pan_right", "drift"]

TRANSITION_FRAMES = 16  # all but a cut take this many thirtieths of a second, half from each neighbour
# Of one scene that is edited: 3 frames at any rate, since encoders reorder no pictures in fewer, and all segments of a
# stream share one edit list.
MIN_FRAMES = 4
MAX_FRAMES = 1_000_000  # of one scene: hours, and still a number to reckon with


class Figure(Model):
    """A number worth showing: `value` as it is read ("73 %"), `share` in 0..1 where it is a part of a whole."""

    value: str = Field(description="As it is read.")
    label: str = Field(default="", description="What it counts.")
    share: float | None = Field(default=None, ge=0, le=1, description="Part of a whole, where it is one.")


class Media(Model):
    """A picture or clip of the user's, stored under its content hash."""

    object: str = Field(description="Key of the upload: media/HASH.suffix.")
    type: Literal["image", "clip"] = Field(description="What it is.")
    sha256: str = Field(description="Checksum of its content, in hex.")


class Scene(Model):
    """One scene: what is said, what is written, what it looks like and how long it stays (in frames)."""

    id: str = Field(description="Unique within the plan; locked.")
    kind: SceneKind = Field(description="Which template shows it.")
    narration: str = Field(description="What is said.")
    headline: str = Field(description="What is written large.")
    lines: tuple[str, ...] = Field(default=(), description="What is written below.")
    figures: tuple[Figure, ...] = Field(default=(), description="Numbers to show; of a recipe, what goes into it.")
    syntax: str = Field(default="", description="Language that the lines of a piece of code are written in.")
    attribution: str = Field(default="", description="Who said it, of a quote.")
    mood: Mood = Field(default="calm", description="Colours and pace.")
    idea: str = Field(default="", description="What the picture shows.")
    camera: Camera = Field(default="drift", description="How the camera moves.")
    media: Media | None = Field(default=None, description="The user's own picture or clip; locked.")
    frames: int = Field(ge=1, le=MAX_FRAMES, description="How long it stays, in frames of the plan.")
    transition: Transition = Field(default="fade", description="How it takes over from the scene before.")
    take: int = Field(default=0, description="Grows when quality control has the scene made again; locked.")


class Plan(Model):
    """A whole video: its scenes in order, and what holds for all of them."""

    title: str = Field(description="Of the video; locked.")
    lang: Lang = Field(description="Language; locked.")
    aspect: Aspect = Field(description="Shape of the picture; locked.")
    resolution: Resolution = Field(description="Short side of the picture; locked.")
    fps: int = Field(default=FPS, description="Frames per second of the plan itself; locked.")
    rate: Rate = Field(default=FPS, description="Frames per second of the video; locked.")
    captions: CaptionStyle = Field(default="words", description="How captions stand in the picture; locked.")
    mood: Mood = Field(default="calm", description="Mood of the whole; locked.")
    music_style: str = Field(default="", description="Free words for the music.")
    voice: str = Field(default="", description="Name of the voice.")
    look: str = Field(default="", description="Palette and type pairing that all scenes share; locked.")
    brand: Brand | None = Field(default=None, description="Colours and typeface of the brand; locked.")
    logo: str | None = Field(default=None, description="Object of the logo in the corner of every scene; locked.")
    platform: Platform | None = Field(default=None, description="Where it will be shown; locked.")
    seed: int = Field(default=0, description="Another seed, another look; locked.")
    source: Literal["prompt", "script"] = Field(default="prompt", description="What it was made of; locked.")
    planner: str = Field(default="", description="Engine and version that wrote it; locked.")
    scenes: tuple[Scene, ...] = Field(min_length=1, description="In order.")

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

    def at(self, fps: int) -> "Plan":
        """The same plan in frames of another rate; every cut stays within half such a frame of where it was."""
        if fps == self.fps:
            return self
        edges = [round(at * fps / self.fps) for at in (*self.starts(), self.frames)]
        frames = (max(1, after - before) for before, after in pairwise(edges))
        scenes = (scene.model_copy(update={"frames": many}) for scene, many in zip(self.scenes, frames, strict=True))
        return self.model_copy(update={"fps": fps, "scenes": tuple(scenes)})

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
