"""Drafts of scenes, and how they become a plan: ids, frames, cameras and the user's own pictures."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, get_args

from common.domain.condense import condense
from common.domain.frame import FPS, frames_of
from common.domain.keywords import keywords
from common.domain.moods import mood_of
from common.domain.pacing import least_frames, scene_frames, share_out
from common.domain.plan import Figure, Lang, Media, Mood, Plan, Scene, SceneKind, Transition
from common.providers.planner.port import Brief
from common.providers.planner.transitions import transition_into

Camera = Literal["still", "push_in", "pull_out", "pan_left", "pan_right", "drift"]
TITLE_CHARACTERS = 60
_CAMERAS: tuple[Camera, ...] = get_args(Camera)
_MOVING = tuple(camera for camera in _CAMERAS if camera != "still")
_READING, _READING_LINE = 1.8, 0.8  # seconds that reading code takes, and each line of it
_BESIDE = 3  # lines that stand beside a picture
# What shows the user's picture in a scene of this kind: all of the frame, or half of it beside a few lines.
_SHOWING: Mapping[SceneKind, SceneKind] = MappingProxyType({"statement": "picture", "list": "split"})
_SPARE = {"title": 1.6, "closing": 1.8, "statistic": 1.2, "list": 1.2, "steps": 1.2, "timeline": 1.2, "quote": 1.2}


@dataclass(frozen=True)
class Draft:
    """A scene before it has a place: what is said and shown. `mood` None takes what its own words ask for."""

    kind: SceneKind
    narration: str
    headline: str = ""
    lines: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    syntax: str = ""
    attribution: str = ""
    mood: Mood | None = None
    idea: str = ""
    media: Media | None = None
    transition: Transition | None = None  # None for what suits it


def assemble(
    drafts: Sequence[Draft], brief: Brief, title: str, mood: Mood, planner: str, total: int | None = None
) -> Plan:
    """The plan of drafts in order. With `total` the frames sum to exactly that; without, each scene takes what its
    own words need. Raises ValueError when the words cannot be spoken within `total`.
    """
    drafts = with_media(drafts, brief.media)
    needs = [needed_frames(draft, brief.lang) for draft in drafts]
    if total is not None:
        least = [min(need, least_frames(d.narration, brief.lang)) for need, d in zip(needs, drafts, strict=True)]
        needs = list(share_out(needs, least, total, [_SPARE.get(draft.kind, 1.0) for draft in drafts]))
    cameras = _cameras(len(drafts), brief.seed)
    return Plan(
        title=title,
        lang=brief.lang,
        aspect=brief.aspect,
        resolution=brief.resolution,
        mood=mood,
        music_style=brief.music_style,
        voice=brief.voice,
        look=brief.look,
        seed=brief.seed,
        source=brief.source,
        planner=planner,
        scenes=tuple(
            Scene(
                id=f"s{index + 1}",
                kind=draft.kind,
                narration=draft.narration,
                headline=draft.headline,
                lines=draft.lines,
                figures=draft.figures,
                syntax=draft.syntax,
                attribution=draft.attribution,
                mood=draft.mood or mood_of(f"{draft.headline} {draft.narration}", "calm"),
                idea=draft.idea or " ".join(keywords(draft.narration or draft.headline, brief.lang)),
                camera=cameras[index],
                media=draft.media,
                frames=frames,
                transition=draft.transition or transition_into(draft.kind, index, mood, brief.seed),
            )
            for index, (draft, frames) in enumerate(zip(drafts, needs, strict=True))
        ),
    )


def needed_frames(draft: Draft, lang: Lang) -> int:
    """The frames a scene takes when nobody asked for a length: what speaking takes, and code is read besides."""
    reading = (_READING + _READING_LINE * len(draft.lines)) * FPS if draft.kind == "code" else 0
    return max(scene_frames(draft.narration, lang), round(reading))


def total_frames(brief: Brief) -> int | None:
    """The exact length asked for, in frames, or None."""
    return frames_of(brief.seconds, FPS) if brief.seconds is not None else None


def clean_title(text: str) -> str:
    """A title of at most 60 characters, first letter capital, no closing full stop."""
    return condense(text, TITLE_CHARACTERS) or "Untitled"


def with_media(drafts: Sequence[Draft], media: Sequence[Media]) -> list[Draft]:
    """Give the user's pictures to scenes in order, spread over the video; title and closing come last in line.

    Pictures that find no scene of their own replace nothing: they become the following scenes' second choice and the
    plan's planner note names how many were left out (see `left_out`).
    """
    if not media:
        return list(drafts)
    inner = [index for index, draft in enumerate(drafts) if draft.kind not in ("title", "closing")]
    outer = [index for index in range(len(drafts)) if index not in inner]
    if len(media) < len(inner):  # spread them evenly instead of bunching them at the start
        chosen = [inner[round(step * (len(inner) - 1) / max(1, len(media) - 1))] for step in range(len(media))]
        chosen = sorted(set(chosen)) if len(set(chosen)) == len(media) else inner[: len(media)]
    else:
        chosen = sorted((inner + outer)[: len(media)])
    given = dict(zip(chosen, media, strict=False))
    return [
        replace(draft, media=given[index], kind=_showing(draft)) if index in given else draft
        for index, draft in enumerate(drafts)
    ]


def _showing(draft: Draft) -> SceneKind:
    kind = _SHOWING.get(draft.kind, draft.kind)
    return draft.kind if kind == "split" and len(draft.lines) > _BESIDE else kind


def left_out(brief: Brief, scenes: int) -> str:
    """A note for the plan when there are more pictures than scenes, or nothing."""
    extra = len(brief.media) - scenes
    return f", {extra} of {len(brief.media)} pictures found no scene" if extra > 0 else ""


def _cameras(count: int, seed: int) -> list[Camera]:
    """A camera per position, never the same twice in a row; a longer list starts with the shorter one."""
    chosen: list[Camera] = []
    for index in range(count):
        rng = random.Random(f"camera {seed} {index}")
        options = [camera for camera in _MOVING if not chosen or camera != chosen[-1]]
        chosen.append(rng.choice(options))
    return chosen
