"""What is wrong with the picture: black, frozen or missing stretches, and captions that do not show."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from common.domain.findings import Finding
from common.media.captions import Cue
from common.media.ffmpeg import Cancelled, RenderCancelled, never
from common.media.layout import caption_box
from common.media.timeline import Timeline

_Plane = npt.NDArray[np.uint8]

_CELL = 8  # pixels whose mean is one cell of the small picture that all checks look at
_BLACK_LUMA, _BLACK_SHARE = 24, 0.998
_FREEZE_SECONDS = 2.0
_SAME_CELL, _SAME_MEAN = 2, 0.25  # differences that compression alone makes
_EDGE_STEP, _EDGE_SHARE = 110, 0.001  # letters: steps of luma, as a share of the caption zone


@dataclass
class _Watch:
    """What was seen so far."""

    black: list[int] = field(default_factory=list)
    frozen: list[tuple[int, int]] = field(default_factory=list)
    middles: dict[str, _Plane] = field(default_factory=dict)
    unseen: list[Cue] = field(default_factory=list)
    frames: int = 0


def check_picture(film: Path, timeline: Timeline, cancelled: Cancelled = never) -> list[Finding]:
    """Decode once and look at every frame."""
    seen = _watch(film, timeline, cancelled)
    expected = [range(first, end) for first, end in timeline.fades()]
    expected += [range(start, start + frames) for scene, start, frames in timeline.scenes if scene in timeline.footage]
    black = [n for n in seen.black if not any(n in stretch for stretch in expected)]
    found = [_finding(timeline, "black", "The picture is black.", run.start, len(run)) for run in _runs(black)]
    for first, end in seen.frozen:
        for scene, from_, to in _scenes_within(timeline, first, end):
            if scene not in (*timeline.stills, *timeline.footage) and to - from_ >= _FREEZE_SECONDS * timeline.fps:
                found.append(_finding(timeline, "freeze", "The picture does not move.", from_, to - from_))
    found += [
        _finding(timeline, "captions", f"The caption {cue.text(' ')!r} does not show.", cue.first, cue.end - cue.first)
        for cue in seen.unseen
        if timeline.captioned
    ]
    return sorted([*found, *_missing(timeline, seen)], key=lambda finding: finding.at)


def _watch(film: Path, timeline: Timeline, cancelled: Cancelled) -> _Watch:
    seen, still_since = _Watch(), 0
    reference: _Plane | None = None
    zone = caption_box(timeline.size)
    above = int(zone.y) // _CELL  # captions show and move over a black or frozen picture: leave them out
    middles = {start + frames // 2: scene for scene, start, frames in timeline.scenes}
    spoken = {(cue.first + cue.end) // 2: cue for cue in timeline.cues}
    for n, luma in enumerate(_luma(film)):
        if cancelled():
            raise RenderCancelled("Cancelled: the checks stopped before the last frame.")
        rows, columns = luma.shape
        small = cv2.resize(luma, (max(1, columns // _CELL), max(1, rows // _CELL)), interpolation=cv2.INTER_AREA)
        picture = np.asarray(small[: max(1, above)], dtype=np.uint8)
        if np.count_nonzero(picture <= _BLACK_LUMA) >= _BLACK_SHARE * picture.size:
            seen.black.append(n)
        if reference is None or not _same(reference, picture):
            if n - still_since >= _FREEZE_SECONDS * timeline.fps:
                seen.frozen.append((still_since, n))
            reference, still_since = picture, n
        if n in middles:
            seen.middles[middles[n]] = picture
        if n in spoken and not _has_letters(luma[int(zone.y) : int(zone.bottom), int(zone.x) : int(zone.right)]):
            seen.unseen.append(spoken[n])
        seen.frames = n + 1
    if seen.frames - still_since >= _FREEZE_SECONDS * timeline.fps:
        seen.frozen.append((still_since, seen.frames))
    return seen


def _luma(film: Path) -> Iterator[_Plane]:
    with av.open(str(film)) as media:
        stream = media.streams.video[0]
        stream.thread_type = "AUTO"
        for frame in media.decode(stream):
            plane = frame.planes[0]
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
            yield rows[:, : plane.width]


def _same(one: _Plane, other: _Plane) -> bool:
    apart = cv2.absdiff(one, other)
    return int(apart.max()) <= _SAME_CELL and float(apart.mean()) <= _SAME_MEAN


def _has_letters(zone: _Plane) -> bool:
    """Whether there are steps between bright letters and their dark edge."""
    steps = cv2.morphologyEx(zone, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return bool(np.count_nonzero(steps >= _EDGE_STEP) >= _EDGE_SHARE * steps.size)


def _missing(timeline: Timeline, seen: _Watch) -> Iterator[Finding]:
    """Scenes that the film ends before, and scenes that show what the scene before them shows."""
    before: _Plane | None = None
    for scene, start, frames in timeline.scenes:
        middle = seen.middles.get(scene)
        if middle is None:
            yield _finding(
                timeline, "missing_scene", f"The film ends before the middle of scene {scene}.", start, frames
            )
        elif before is not None and _same(before, middle):
            detail = f"Scene {scene} shows the same picture as the scene before it."
            yield _finding(timeline, "missing_scene", detail, start, frames)
        before = middle


def _finding(timeline: Timeline, code: str, detail: str, first: int, frames: int) -> Finding:
    at = first / timeline.fps
    return Finding(code=code, detail=detail, scene=timeline.scene_at(at), at=at, seconds=frames / timeline.fps)


def _runs(numbers: list[int]) -> Iterator[range]:
    """Unbroken runs of ascending numbers."""
    start = 0
    for index in range(1, len(numbers) + 1):
        if index == len(numbers) or numbers[index] != numbers[index - 1] + 1:
            yield range(numbers[start], numbers[index - 1] + 1)
            start = index


def _scenes_within(timeline: Timeline, first: int, end: int) -> Iterator[tuple[str, int, int]]:
    """The part of a stretch that lies in each scene."""
    for scene, start, frames in timeline.scenes:
        if start < end and start + frames > first:
            yield scene, max(first, start), min(end, start + frames)
