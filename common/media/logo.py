"""A user's logo in the corner of a scene, above everything else that it shows."""

from base64 import b64encode
from pathlib import Path

import cv2
import numpy as np

from common.media.composition import Composition, Sprite
from common.media.photo import read_picture

_WIDEST, _HIGHEST = 0.16, 0.08  # of the picture's width and height
_MARGIN = 0.04  # of its short side
_SHARP = 2.0  # pixels of the drawing for one of the composition, at most


def marked(composition: Composition, picture: Path) -> Composition:
    """The composition with the logo in its upper right corner, in its own proportions; UnreadableMedia."""
    found = read_picture(picture)
    rows, columns = found.shape[:2]
    scale = min(composition.width * _WIDEST / columns, composition.height * _HIGHEST / rows)
    width, height = max(2.0, columns * scale), max(2.0, rows * scale)
    finer = min(1.0, scale * _SHARP)
    if finer < 1:
        size = max(1, round(columns * finer)), max(1, round(rows * finer))
        found = np.asarray(cv2.resize(found, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    data = b64encode(cv2.imencode(".png", found)[1].tobytes()).decode()
    margin = min(composition.width, composition.height) * _MARGIN
    layer = Sprite(
        name="logo",
        svg=f'<image width="{width:g}" height="{height:g}" href="data:image/png;base64,{data}"/>',
        x=composition.width - margin - width,
        y=margin,
        width=width,
        height=height,
    )
    return composition.model_copy(update={"layers": (*composition.layers, layer)})
