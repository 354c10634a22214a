"""The plan in frames: which segment shows what, and the key that says what its pixels depend on.

Pure. Every frame of the video is in exactly one segment. A transition is a segment of its own, and no key depends on
where in the video its segment lies, so an edit leaves the segments of other scenes as they are.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from common.domain.frame import FPS, Size
from common.domain.model import Model, digest
from common.domain.plan import TRANSITION_FRAMES, Plan, Scene, Transition
from common.domain.platforms import Platform
from common.media.captions import Cue
from common.media.events import Event, events_within

BODY_SECONDS = 5  # longer bodies are split, so that all workers stay busy
Lettering = Callable[[Sequence[Event]], str]
RENDERER_VERSION = "3"  # grows when the pixels of equal inputs change


class Take(Model):
    """A stretch of one scene, from local frame `first` on."""

    scene: str
    first: int


class Segment(Model):
    """A run of frames encoded as one file. With `into`, it is the transition from `shows` to it."""

    key: str
    start: int
    frames: int
    shows: Take
    into: Take | None = None
    transition: Transition = "cut"
    events: tuple[Event, ...] = ()
    footage: bool = False  # a clip shows in it

    @property
    def end(self) -> int:
        """The frame after the last."""
        return self.start + self.frames

    @property
    def label(self) -> str:
        """The segment in words, for messages."""
        scenes = self.shows.scene if self.into is None else f"{self.shows.scene} to {self.into.scene}"
        return f"frames {self.start} to {self.end - 1} (scene {scenes})"


class Timeline(Model):
    """The whole video in frames."""

    size: Size
    fps: int
    frames: int
    scenes: tuple[tuple[str, int, int], ...]  # id, first frame, frames
    segments: tuple[Segment, ...]
    cues: tuple[Cue, ...] = ()
    codec: str = "h264"
    platform: Platform | None = None  # whose margins the captions keep
    captioned: bool = True  # whether the cues stand in the picture, too
    stills: tuple[str, ...] = ()  # scenes that are meant not to move
    footage: tuple[str, ...] = ()  # scenes that show a clip of the user's: still or black where that is

    @property
    def key(self) -> str:
        """What the joined picture depends on."""
        return digest([segment.key for segment in self.segments])

    def scene_at(self, frame: int) -> str:
        """The scene that a frame is in; the last one after the end."""
        return next((scene for scene, start, frames in self.scenes if frame < start + frames), self.scenes[-1][0])

    def fades(self) -> Iterator[tuple[int, int]]:
        """First and past-the-end frame of every transition."""
        return ((segment.start, segment.end) for segment in self.segments if segment.into is not None)


class Recipe(Model):
    """What all segments of a render share and their pixels depend on."""

    encoder: str
    painter: str


def lay_out(
    plan: Plan,
    pictures: Mapping[str, str],
    cues: Sequence[Cue],
    recipe: Recipe,
    lettering: Lettering,
    clips: Collection[str] = (),
) -> Timeline:
    """The plan as segments with content keys.

    `pictures` maps each scene to the digest of its composition, `lettering` events to what their letters depend on;
    `clips` are the scenes that show one.
    """
    starts = dict(zip((scene.id for scene in plan.scenes), plan.starts(), strict=True))
    segments = []
    kinds = {scene.id: scene.transition for scene in plan.scenes}
    for shows, into, start, frames in _stretches(plan):
        transition = kinds[into.scene] if into else "cut"
        events = events_within(cues, start, start + frames, plan.captions)
        takes = [take for take in (shows, into) if take is not None]
        seen: dict[str, Any] = {
            "pictures": [[pictures[take.scene], take.first] for take in takes],
            "frames": frames,
            "transition": transition,
            "events": list(events),
            "size": plan.size,
            "fps": plan.fps,
            "encoder": recipe.encoder,
            "painter": recipe.painter,
            "renderer": RENDERER_VERSION,
        }
        if events:
            seen["lettering"] = lettering(events)
        filmed = any(take.scene in clips for take in takes)
        segments.append(
            Segment(
                key=digest(seen),
                start=start,
                frames=frames,
                shows=shows,
                into=into,
                transition=transition,
                events=events,
                footage=filmed,
            ),
        )
    return Timeline(
        size=plan.size,
        fps=plan.fps,
        frames=plan.frames,
        scenes=tuple((scene.id, starts[scene.id], scene.frames) for scene in plan.scenes),
        segments=tuple(segments),
        cues=tuple(cues),
        platform=plan.platform,
        captioned=plan.captions != "off",
        stills=tuple(scene.id for scene in plan.scenes if scene.camera == "still"),
        footage=tuple(scene.id for scene in plan.scenes if scene.media is not None and scene.media.type == "clip"),
    )


def fades_between(away: Scene, into: Scene, half: int) -> bool:
    """Whether a scene passes into the next: the next asks for it, and neither is too short to show itself as well.

    `half` of the transition's frames are taken from each.
    """
    return into.transition != "cut" and min(away.frames, into.frames) >= 4 * half


def _stretches(plan: Plan) -> Iterator[tuple[Take, Take | None, int, int]]:
    """Each segment as what it shows, what it passes into, its start and its frames, in order."""
    half = round(TRANSITION_FRAMES / 2 * plan.fps / FPS)
    fading = [False, *(fades_between(a, b, half) for a, b in pairwise(plan.scenes)), False]
    for index, (scene, start) in enumerate(zip(plan.scenes, plan.starts(), strict=True)):
        first = half if fading[index] else 0
        end = scene.frames - (half if fading[index + 1] else 0)
        for at, frames in _pieces(first, end, BODY_SECONDS * plan.fps):
            yield Take(scene=scene.id, first=at), None, start + at, frames
        if fading[index + 1]:
            into = Take(scene=plan.scenes[index + 1].id, first=-half)
            yield Take(scene=scene.id, first=end), into, start + end, 2 * half


def _pieces(first: int, end: int, longest: int) -> Iterator[tuple[int, int]]:
    """Start and length of equal pieces, none longer than `longest`."""
    count = -(-(end - first) // longest)
    edges = [first + (end - first) * index // count for index in range(count + 1)]
    return ((a, b - a) for a, b in pairwise(edges))
