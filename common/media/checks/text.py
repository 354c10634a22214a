"""Whether the picture says what was to be written on it, read back letter by letter.

Of each scene one frame is read, two where not all of its lines rest at once, and in it the caption. What is written in
a script that the reader does not know (Arabic, Hebrew, Korean, Cyrillic), too small, or too short (under four letters,
or two ideographs or kana), is not checked.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from itertools import islice
from typing import NamedTuple

import numpy as np

from common.domain.findings import Finding
from common.media.caption_look import CaptionLook, laid
from common.media.captions import Cue
from common.media.checks.reading import Reader, misread
from common.media.checks.watch import Plane, found
from common.media.composition import Composition, Sprite
from common.media.layout import Box
from common.media.stamp import Stamp
from common.media.timeline import Timeline

_SMALLEST = 16  # pixels of a line, below which reading is guessing
_LOOKS = 5  # a second, at which a scene is asked whether its lines rest
_FRAMES = 2  # that are read of a scene at most
_INSET = 2  # frames of a cue on either side, in which it may just be changing
_TAG = re.compile(r"<[^>]*>")


class Line(NamedTuple):
    """One line to be read: what it must say, where it stands, and whether it is a caption."""

    text: str
    box: Box
    caption: bool = False


class Text:
    """Sees every frame, and reads the few that were chosen beforehand."""

    def __init__(
        self, timeline: Timeline, pictures: Mapping[str, Composition], look: CaptionLook, reader: Reader
    ) -> None:
        self._timeline, self._reader = timeline, reader
        self._lines = dict(_chosen(timeline, pictures, look))
        self._wrong: list[tuple[int, Line, str]] = []

    def see(self, number: int, luma: Plane) -> None:
        """Read what stands in the frame, where it is one of those."""
        for line in self._lines.get(number, ()):
            if line.box.height >= _SMALLEST and self._reader.knows(line.text):
                said = self._reader.read(_part(luma, line.box))
                if misread(line.text, said):
                    self._wrong.append((number, line, said))

    def findings(self) -> Iterator[Finding]:
        """Of each frame that was read, the first line that says something else, and the caption if it does."""
        told = set()
        for number, line, said in self._wrong:
            if (number, line.caption) in told:
                continue
            told.add((number, line.caption))
            read = f"{said!r} is read" if said else "Nothing is read"
            what = "the caption says" if line.caption else "is to be written"
            detail = f"{read} where {what} {line.text!r}." if line.caption else f"{read} where {line.text!r} {what}."
            yield found(self._timeline, "text", detail, number, 1)


def _chosen(
    timeline: Timeline, pictures: Mapping[str, Composition], look: CaptionLook
) -> Iterator[tuple[int, tuple[Line, ...]]]:
    """The frames to read, each with its lines."""
    fades = [range(first, end) for first, end in timeline.fades()]
    for scene, start, frames in timeline.scenes:
        if scene not in pictures:
            continue
        scale = timeline.size.width / pictures[scene].width
        pace = pictures[scene].fps / timeline.fps
        written = [one for one in pictures[scene].layers if isinstance(one, Sprite) and "<text" in one.svg]
        stamps = [(layer, Stamp(layer, scale)) for layer in written]
        clear = [n for n in range(start, start + frames) if not any(n in fade for fade in fades)]
        looks = clear[:: max(1, timeline.fps // _LOOKS)]
        resting = {n: {at for at, (_, stamp) in enumerate(stamps) if stamp.rests((n - start) * pace)} for n in looks}
        cues = {n: _cue(timeline, n) for n in looks}
        left = set(range(len(stamps)))
        for turn in range(_FRAMES):
            best = max(looks, key=lambda n: (len(resting[n] & left), cues[n] is not None), default=None)
            if best is None or (turn and not resting[best] & left):
                break
            lines = [_line(stamps[at][0], scale) for at in sorted(resting[best] & left)]
            yield best, (*lines, *(_captions(cues[best], look) if not turn else ()))
            left -= resting[best]


def _line(layer: Sprite, scale: float) -> Line:
    text = unescape("".join(_TAG.split(layer.svg))).strip()
    return Line(text, Box(layer.x * scale, layer.y * scale, layer.width * scale, layer.height * scale))


def _cue(timeline: Timeline, frame: int) -> Cue | None:
    """The cue that stands in the picture at a frame, well clear of its first and last."""
    if not timeline.captioned:
        return None
    return next((cue for cue in timeline.cues if cue.first + _INSET <= frame < cue.end - _INSET), None)


def _captions(cue: Cue | None, look: CaptionLook) -> list[Line]:
    if cue is None:
        return []
    texts = [[word.text for word in line] for line in cue.lines]
    boxes = iter([word.box for word in laid(look, texts).words])
    rows = [list(islice(boxes, len(line))) for line in texts]
    return [Line("".join(text).strip(), _about(row), caption=True) for text, row in zip(texts, rows, strict=True)]


def _about(boxes: Sequence[Box]) -> Box:
    """The box about boxes side by side."""
    left, right = min(box.x for box in boxes), max(box.right for box in boxes)
    return Box(left, boxes[0].y, right - left, boxes[0].height)


def _part(luma: Plane, box: Box) -> Plane:
    rows = slice(max(0, round(box.y)), max(0, round(box.bottom)))
    return np.ascontiguousarray(luma[rows, max(0, round(box.x)) : max(0, round(box.right))])
