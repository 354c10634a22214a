"""Captions onto frames: the letters of each cue are drawn once, and its spoken word in another colour.

Every caption stands on a dark translucent plate of its own, measured from its words, so that it reads on any picture
and nothing moves while its words light up one by one. Without a plate its letters have a dark rim.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from common.domain.frame import Size
from common.domain.model import digest
from common.media.blend import Canvas, Placed
from common.media.caption_look import CaptionLook, Laid, Lines, laid
from common.media.events import Event
from common.media.fonts import fonts_digest
from common.media.layout import Box
from common.media.raster import Plane, Planes, draw_svg, flat
from common.media.source import Frame
from common.media.text import Block
from common.media.text_svg import line_svg

DRAWER = "2"  # grows when equal captions are drawn differently
_CORNER = 0.42  # radius of the plate's corners, in ems

_Coverage = NDArray[np.float32]  # 0..1


class Captioner:
    """Draws the captions of one film."""

    def __init__(self, look: CaptionLook) -> None:
        self._look = look

    def key(self, events: Sequence[Event]) -> str:
        """What the pixels of these events depend on, besides the events."""
        texts = {text for event in events for line in event.lines for text in line}
        faces = {run.face for text in texts for run in self._look.runs(text)}
        files = fonts_digest(face.path for face in faces)
        return digest({"look": self._look, "files": files, "drawer": DRAWER})

    def over(self, events: Sequence[Event], size: Size) -> "Captions":
        """What puts these events on frames of this size."""
        return Captions(self._look, events, size)


class Captions:
    """The captions of one segment. Events follow each other; only the cue on show is kept."""

    def __init__(self, look: CaptionLook, events: Sequence[Event], size: Size) -> None:
        self._look, self._events = look, events
        self._canvas = Canvas(size.width, size.height)
        self._cue: tuple[Lines, _Drawn] | None = None
        self._shown: tuple[Event, Placed] | None = None

    def put(self, frame: Frame, number: int) -> None:
        """Put what is said in frame `number` of the segment onto it, in place."""
        event = next((event for event in self._events if event.first <= number < event.end), None)
        if event is None:
            return
        if self._shown is None or self._shown[0] is not event:
            self._shown = (event, self._drawn(event.lines).lit(event.lit))
        planes, x, y = self._shown[1]
        self._canvas.turn_to(frame)
        self._canvas.put(planes, x, y, (0, 0, self._canvas.width, self._canvas.height))

    def _drawn(self, lines: Lines) -> "_Drawn":
        if self._cue is None or self._cue[0] != lines:
            self._cue = (lines, _Drawn(self._look, lines))
        return self._cue[1]


class _Drawn:
    """One cue in both colours, and what of the second one shows while a word is said."""

    def __init__(self, look: CaptionLook, lines: Lines) -> None:
        caption = laid(look, lines)
        self._words = [word.box for word in caption.words]
        rim = math.ceil(look.outline)
        plate = caption.plate.inset(-rim, -rim)
        self._x, self._y = math.floor(plate.x / 2) * 2, math.floor(plate.y / 2) * 2
        width = math.ceil((plate.right - self._x) / 2) * 2
        height = math.ceil((plate.bottom - self._y) / 2) * 2
        letters = _letters(look, caption, (self._x, self._y), (width, height))
        if look.plate_opacity:
            place = Box(caption.plate.x - self._x, caption.plate.y - self._y, caption.plate.width, caption.plate.height)
            ground = _rounded(place, _CORNER * look.em, (width, height)) * np.float32(look.plate_opacity)
        else:
            side = 2 * rim + 1
            ground = np.asarray(
                cv2.dilate(letters, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))), np.float32
            )
        under = ground * (1 - letters)
        self._plain = flat(((look.colour, letters), (look.plate_colour, under)))
        self._bright = flat(((look.lit_colour, letters), (look.plate_colour, under)))

    def lit(self, word: int) -> Placed:
        """The cue with a word of it lit up; none for -1."""
        if not 0 <= word < len(self._words):
            return Placed(self._plain, self._x, self._y)
        box = self._words[word]
        columns, rows = _span(box.x - self._x, box.right - self._x), _span(box.y - self._y, box.bottom - self._y)

        def both(plain: Plane | None, bright: Plane | None, part: int) -> Plane:
            made = np.asarray(plain).copy()
            place = slice(rows.start // part, rows.stop // part), slice(columns.start // part, columns.stop // part)
            made[place] = np.asarray(bright)[place]
            return made

        one, other = self._plain, self._bright
        planes = Planes(both(one.y, other.y, 1), both(one.u, other.u, 2), both(one.v, other.v, 2), one.a, one.ac)
        return Placed(planes, self._x, self._y)


def _letters(look: CaptionLook, caption: Laid, corner: tuple[int, int], pixels: tuple[int, int]) -> _Coverage:
    """How much of each pixel the letters cover."""
    elements, fonts = [], dict[str, None]()
    for word in caption.words:
        block = Block((word.text,), caption.em, look.style, look.lang, 0.0)
        svg, keys = line_svg(block, 0, word.x - corner[0], word.baseline - corner[1], "#ffffff")
        elements.append(svg)
        fonts |= dict.fromkeys(keys)
    rgba = draw_svg("".join(elements), pixels, pixels, tuple(fonts))
    return rgba[..., 3].astype(np.float32) / np.float32(255)


def _rounded(box: Box, radius: float, pixels: tuple[int, int]) -> _Coverage:
    """Coverage of a rectangle with round corners, from each pixel's distance to it."""
    radius = min(radius, box.width / 2, box.height / 2)
    across = np.abs(np.arange(pixels[0], dtype=np.float32) + 0.5 - box.centre[0]) - (box.width / 2 - radius)
    down = np.abs(np.arange(pixels[1], dtype=np.float32) + 0.5 - box.centre[1]) - (box.height / 2 - radius)
    beyond = np.hypot(np.maximum(across, 0)[None, :], np.maximum(down, 0)[:, None])
    return np.asarray(np.clip(radius - beyond + 0.5, 0, 1), np.float32)


def _span(first: float, last: float) -> slice:
    """The even stretch nearest to two places; nothing lies before 0."""
    return slice(max(0, round(first / 2) * 2), max(0, round(last / 2) * 2))
