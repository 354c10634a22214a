"""The display list of one scene: a moving backdrop and the layers above it, as plain data.

A composition says everything the painter needs except the user's files, which it names by object key. Places and
lengths are pixels of `width` x `height`, times are frames at `fps`; frame 0 is the scene's first.
"""

import re
from html import unescape
from typing import Annotated, Literal

from pydantic import Field

from common.domain.model import Model
from common.media.motion import Motion

_TAG = re.compile(r"<[^>]*>")

BackdropKind = Literal["mesh", "bokeh", "bands", "dots", "rings", "waves", "paper", "rays", "grid", "arcs", "hills"]


class Glow(Model):
    """A soft light that wanders over the backdrop; radius and orbit are fractions of the picture's long side."""

    colour: str
    strength: float
    radius: float
    x: float
    y: float
    reach: float
    period: float
    phase: float


class Camera(Model):
    """The backdrop's slow movement: a zoom and a shift over the scene, and an orbit that never rests.

    `zoom` are the first and last magnification (1 = just covering); `shift_x`, `shift_y` the way over the scene and
    `orbit` the radius, as fractions of the picture's size; `period` in frames.
    """

    zoom: tuple[float, float] = (1.0, 1.0)
    shift_x: float = 0.0
    shift_y: float = 0.0
    orbit: float = 0.02
    period: float = 420.0
    phase: float = 0.0


class Backdrop(Model):
    """The ground of a scene, drawn from a seed: colours run from the ground to its tints."""

    kind: BackdropKind
    colours: tuple[str, ...] = Field(min_length=2)
    mark: str  # colour of the pattern
    strength: float = 0.1  # opacity of the pattern
    emblem: str = ""  # SVG in pixels of the composition, part of the ground and as faint as `emblem_strength`
    emblem_strength: float = 0.1
    seed: int = 0
    glows: tuple[Glow, ...] = ()
    camera: Camera = Camera()


class Sprite(Model):
    """A drawing: SVG content in a box whose resting place is (x, y), shown while first <= frame < last."""

    type: Literal["sprite"] = "sprite"
    name: str = ""
    svg: str
    fonts: tuple[str, ...] = ()
    x: float
    y: float
    width: float
    height: float
    first: float | None = None
    last: float | None = None
    soft: bool = False  # a shade without edges, which need not be drawn in full detail
    motion: Motion = Motion()


class Area(Model):
    """A part of the frame, in even pixels of the composition."""

    x: int
    y: int
    width: int
    height: int


class Photo(Model):
    """A picture of the user's filling the frame or an area of it, moved from one framing to another (Ken Burns).

    `zoom` and `focus` (0..1 of what the zoom leaves over, x and y) at the first and the last frame.
    """

    type: Literal["photo"] = "photo"
    object: str
    area: Area | None = None
    zoom: tuple[float, float] = (1.0, 1.1)
    focus: tuple[tuple[float, float], tuple[float, float]] = ((0.5, 0.5), (0.5, 0.5))


class Clip(Model):
    """A clip of the user's filling the frame or an area; repeats when shorter than the scene, unless `loop` is off."""

    type: Literal["clip"] = "clip"
    object: str
    area: Area | None = None
    loop: bool = True


Layer = Annotated[Sprite | Photo | Clip, Field(discriminator="type")]


class Composition(Model):
    """One scene as a display list, bottom layer first. `notes` say what could not be shown as asked."""

    width: int
    height: int
    fps: int
    frames: int
    backdrop: Backdrop
    layers: tuple[Layer, ...] = ()
    template: str = ""
    notes: tuple[str, ...] = ()

    def objects(self) -> tuple[str, ...]:
        """The object keys of the user's files that painting needs."""
        return tuple(dict.fromkeys(layer.object for layer in self.layers if isinstance(layer, (Photo, Clip))))

    def written(self) -> tuple[str, ...]:
        """The lines of text on the picture, as they are drawn."""
        drawn = (layer.svg for layer in self.layers if isinstance(layer, Sprite) and layer.name == "text")
        return tuple(unescape("".join(_TAG.split(svg))).strip() for svg in drawn)

    def fonts(self) -> tuple[str, ...]:
        """The font keys that painting needs, for the hash of what made the picture."""
        return tuple(sorted({key for layer in self.layers if isinstance(layer, Sprite) for key in layer.fonts}))
