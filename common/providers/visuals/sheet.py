"""The sheet a template composes on: places text and drawings in the scene and brings them in over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from common.domain.frame import Size
from common.domain.plan import Lang, Scene
from common.media.composition import Layer, Sprite
from common.media.fonts import covering
from common.media.layout import Box, shape
from common.media.motion import Motion, Sway, ramp
from common.media.palette import Look, Tone
from common.media.text import Block, Style, fit, is_rtl
from common.media.text_svg import line_svg
from common.providers.visuals.reveal import reveals

Align = Literal["left", "centre", "right"]
Valign = Literal["top", "middle", "bottom"]
_SMALLEST = {"wide": 3.1, "tall": 3.6, "square": 3.4}  # hundredths of the short side: text is never smaller
STANDING = ("shade", "panel")  # sprites that are part of the ground: they neither leave nor change sides
EARLY = -3.0  # frames: headlines begin to come in while the scene before still fades
_STAGGER = 8.0  # frames between the first and the last line of a headline at most


@dataclass
class Sheet:
    """One scene being composed. `unit` is a hundredth of the picture's short side; times are frames."""

    scene: Scene
    size: Size
    fps: int
    lang: Lang
    look: Look
    tone: Tone
    rng: np.random.Generator
    box: Box  # where text may stand
    turn: int = 0  # the scene's number, for what alternates
    drawing: str | None = None  # the motif of the scene, if it has one
    layers: list[Layer] = field(default_factory=list)
    texts: list[Box] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    watermark: str = ""  # SVG that becomes part of the backdrop
    accent_last: bool = False  # set the last line of large text in the accent colour

    @property
    def unit(self) -> float:
        """A hundredth of the short side, in pixels."""
        return min(self.size.width, self.size.height) / 100

    @property
    def shape(self) -> str:
        """`wide`, `tall` or `square`."""
        return shape(self.size)

    @property
    def seconds(self) -> float:
        """Length of the scene."""
        return self.scene.frames / self.fps

    @property
    def headline(self) -> str:
        """What the scene shows in large type: its headline, or the beginning of what is said."""
        return self.scene.headline.strip() or self.scene.narration.strip()

    @property
    def rtl(self) -> bool:
        """Whether the scene reads from right to left; it is composed as if it did not and mirrored at the end."""
        return is_rtl(self.headline)

    @property
    def weight(self) -> float:
        """How much larger than usual the headline may be set: few words carry more."""
        length = len(self.headline)
        return 2.2 if length <= 7 else 1.6 if length <= 14 else 1.2 if length <= 30 else 1.0

    def mirror(self) -> None:
        """Turn a right-to-left scene round: everything changes sides within the margins, no drawing is flipped."""
        if not self.rtl:
            return
        both = self.box.x + self.box.right
        self.layers = [
            layer.model_copy(update={"x": both - layer.x - layer.width})
            if isinstance(layer, Sprite) and layer.name not in STANDING
            else layer
            for layer in self.layers
        ]
        self.texts = [Box(both - box.right, box.y, box.width, box.height) for box in self.texts]

    @property
    def least(self) -> float:
        """The size in units below which no text is set."""
        return _SMALLEST[self.shape]

    def when(self, parts: Sequence[str]) -> tuple[float, ...]:
        """The frames at which parts of the scene come in: as they are said."""
        return tuple(at * self.fps for at in reveals(self.scene.narration, parts, self.lang, self.seconds))

    def centre(self) -> None:
        """Move all that stands in the margins down, so that as much room is left above as below."""
        placed = [layer for layer in self.layers if isinstance(layer, Sprite)]
        if not self.texts or not placed:
            return
        low = max(box.bottom for box in self.texts)
        low = max([low, *(layer.y + layer.height for layer in placed if layer.name != "text")])
        free = min(self.box.bottom - low, self.box.height * 0.3)
        if free <= 0:
            return
        self.layers = [
            layer.model_copy(update={"y": layer.y + free / 2}) if isinstance(layer, Sprite) else layer
            for layer in self.layers
        ]
        self.texts = [Box(box.x, box.y + free / 2, box.width, box.height) for box in self.texts]

    def beat(self, share: float, latest: float = 6.0) -> float:
        """The frame at a share of the scene, `latest` seconds in at most, so that a long scene does not stay empty."""
        return min(share * self.scene.frames, latest * self.fps)

    def block(
        self, text: str, box: Box, style: Style, largest: float, smallest: float = 0.0, max_lines: int = 12
    ) -> Block:
        """Fit text into a box; sizes in units, never below `least`. What cannot be shown is noted."""
        smallest = max(smallest, self.least)
        lost = covering(text, style.face, self.lang).dropped
        if lost:
            self.notes.append(f"No installed font has {' '.join(sorted(set(lost)))!r}; left out of the picture.")
        block = fit(text, style, box.width, box.height, largest * self.unit, smallest * self.unit, self.lang, max_lines)
        if block.shortened:
            self.notes.append(f"The text {text[:60]!r} was too long for its place and ends with an ellipsis.")
        return block

    def even(self, texts: Sequence[str], boxes: Sequence[Box], style: Style, largest: float) -> tuple[Block, ...]:
        """Fit texts into their boxes, all at the same size: the largest that suits the fullest of them."""
        noted = len(self.notes)
        blocks = [self.block(text, box, style, largest) for text, box in zip(texts, boxes, strict=True)]
        size = min((block.size for block in blocks if block.lines), default=0.0) / self.unit
        if all(abs(block.size / self.unit - size) < 0.01 for block in blocks if block.lines):
            return tuple(blocks)
        del self.notes[noted:]
        return tuple(self.block(text, box, style, size, size) for text, box in zip(texts, boxes, strict=True))

    def write(
        self,
        block: Block,
        box: Box,
        fill: str,
        at: float = 0.0,
        align: Align = "left",
        valign: Valign = "top",
        bold: bool = True,
        gap: float = 3.0,
    ) -> Box:
        """Put a fitted block into a box, line by line. Returns its place.

        `bold` entrances slide out of a mask; the others fade while rising. `gap` is the frames between two lines.
        """
        if block.rtl != self.rtl and align != "centre" and len(block.lines) > 1:
            align = "right" if align == "left" else "left"
        spare = box.height - block.height
        top = box.y + {"top": 0.0, "middle": spare / 2, "bottom": spare}[valign]
        pad = block.size * 0.25
        left, right = box.right, box.x
        gap = min(gap, _STAGGER / max(len(block.lines) - 1, 1))
        for place in range(len(block.lines)):
            width = block.width_of(place)
            x = box.x + {"left": 0.0, "centre": (box.width - width) / 2, "right": box.width - width}[align]
            left, right = min(left, x), max(right, x + width)
            y = top + place * block.line_height
            baseline = (block.line_height - block.size) / 2 + block.size * 0.8
            last = self.accent_last and bold and 0 < place == len(block.lines) - 1
            svg, fonts = line_svg(block, place, pad, baseline + pad, self.tone.accent if last else fill)
            start = at + place * gap
            self.layers.append(
                Sprite(
                    name="text",
                    svg=svg,
                    fonts=fonts,
                    x=x - pad,
                    y=y - pad,
                    width=width + 2 * pad,
                    height=block.line_height + 2 * pad,
                    motion=self.slide(start) if bold else self.rise(start, block.size * 0.7),
                )
            )
        place_ = Box(left, top, max(0.0, right - left), block.height)
        if block.lines:
            self.texts.append(place_)
        return place_

    def text(
        self,
        text: str,
        box: Box,
        style: Style,
        fill: str,
        largest: float,
        smallest: float = 0.0,
        at: float = 0.0,
        align: Align = "left",
        valign: Valign = "top",
        max_lines: int = 12,
        bold: bool = True,
    ) -> Box:
        """Fit text into a box and put it there; an empty text takes no place."""
        block = self.block(text, box, style, largest, smallest, max_lines)
        return self.write(block, box, fill, at, align, valign, bold)

    def draw(self, svg: str, box: Box, motion: Motion, name: str = "", soft: bool = False) -> None:
        """Put a drawing, in pixels from the box's corner, into the scene; `soft` is one without edges."""
        place = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
        self.layers.append(Sprite(name=name, svg=svg, motion=motion, soft=soft, **place))

    def slide(self, at: float) -> Motion:
        """An entrance out of a mask, from below."""
        return Motion(up=ramp(at, 0.65 * self.fps, 0, 1), opacity=ramp(at, 0.25 * self.fps, 0, 1))

    def rise(self, at: float, way: float | None = None) -> Motion:
        """An entrance that fades in while rising."""
        way = 3 * self.unit if way is None else way
        return Motion(y=ramp(at, 0.7 * self.fps, way, 0), opacity=ramp(at, 0.5 * self.fps, 0, 1))

    def grow(self, at: float, ease_frames: float = 0.9) -> Motion:
        """A bar or rule that grows from the left."""
        return Motion(left=ramp(at, ease_frames * self.fps, 0, 1, "in_out"))

    def pop(self, at: float, sway: float = 0.0, turn: float = 0.0) -> Motion:
        """An entrance that swells a little over its size and settles; then it sways, in pixels, when asked to."""
        wander = None
        if sway or turn:
            period = float(self.rng.uniform(5.5, 8.0)) * self.fps
            wander = Sway(x=sway, y=sway * 0.8, turn=turn, period=period, phase=float(self.rng.random()))
        return Motion(
            scale=ramp(at, 0.8 * self.fps, 0.72, 1, "back"), opacity=ramp(at, 0.3 * self.fps, 0, 1), sway=wander
        )

    def rule(self, box: Box, at: float, fill: str) -> None:
        """A short thick line with round ends that grows from the left (from the centre line of `box`)."""
        radius = box.height / 2
        svg = f'<rect width="{box.width:.1f}" height="{box.height:.1f}" rx="{radius:.1f}" fill="{fill}"/>'
        self.draw(svg, box, self.grow(at), name="rule")
