"""A user's logo in the corner of a scene, above everything else that it shows."""

from base64 import b64encode
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from common.media.colour import contrast
from common.media.composition import Composition, Sprite
from common.media.layout import Box
from common.media.photo import read_picture

_CONTRAST = 3.0  # with what it stands on; a logo of less gets a plate, WCAG's least for what is no text
_PLATE = 0.18  # of the logo's height, that a plate is larger on every side
_PLATES = ("#ffffff", "#101418")
_SHARP = 2.0  # pixels of the drawing for one of the composition, at most


def marked(composition: Composition, picture: Path, corner: Box) -> Composition:
    """The composition with the logo at the upper right of `corner`, in its own proportions; UnreadableMedia.

    On a picture or clip, and where it would be hard to see, it stands on a plate.
    """
    found = read_picture(picture)
    ground = _ground(composition)
    light = _light(found)
    plate = ground is None or contrast(light, ground) < _CONTRAST
    rows, columns = found.shape[:2]
    scale = min(corner.width / (columns + 2 * _PLATE * rows), corner.height / (rows * (1 + 2 * _PLATE)))
    width, height = max(2.0, columns * scale), max(2.0, rows * scale)
    finer = min(1.0, scale * _SHARP)
    if finer < 1:
        size = max(1, round(columns * finer)), max(1, round(rows * finer))
        found = np.asarray(cv2.resize(found, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    data = b64encode(cv2.imencode(".png", found)[1].tobytes()).decode()
    rim = height * _PLATE  # left clear where there is no plate, so that the logo stands alike in every scene
    svg = f'<image x="{rim:g}" y="{rim:g}" width="{width:g}" height="{height:g}" href="data:image/png;base64,{data}"/>'
    across, down = width + 2 * rim, height + 2 * rim
    if plate:
        colour = max(_PLATES, key=lambda shade: contrast(light, shade))
        svg = f'<rect width="{across:g}" height="{down:g}" rx="{rim:g}" fill="{colour}" fill-opacity="0.92"/>{svg}'
    layer = Sprite(
        name="logo",
        svg=svg,
        x=corner.right - across,
        y=corner.y,
        width=across,
        height=down,
    )
    return composition.model_copy(update={"layers": (*composition.layers, layer)})


def _ground(composition: Composition) -> str | None:
    """The colour that a logo stands on; None where that is a picture, a clip or a panel."""
    covered = (not isinstance(layer, Sprite) or layer.name == "panel" for layer in composition.layers)
    return None if any(covered) else composition.backdrop.colours[0]


def _light(picture: NDArray[np.uint8]) -> str:
    """The mean colour of what a logo shows."""
    shown = picture[picture[..., 3] > 127][:, :3] if picture.shape[2] == 4 else picture.reshape(-1, 3)
    blue, green, red = (round(float(channel)) for channel in shown.mean(axis=0)) if len(shown) else (128, 128, 128)
    return f"#{red:02x}{green:02x}{blue:02x}"
