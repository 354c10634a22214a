"""Drawing the ground of a scene: a soft field of colours, and over it a quiet pattern, both from a seed."""

import cv2
import numpy as np
from numpy.typing import NDArray

from common.media.composition import Backdrop, Glow
from common.media.patterns import pattern_svg
from common.media.raster import Planes, draw_svg, opaque, rgb_of, soft

_COARSE = 8  # the field is computed at 1/8 of the size: it has no detail finer than that


def backdrop_planes(backdrop: Backdrop, width: int, height: int, scale: float = 1.0, shown: float = 1.0) -> Planes:
    """The backdrop at a size, dithered so that no gradient shows steps.

    `shown` is the share of width and height that the resting camera sees; the emblem, in pixels of the composition
    times `scale`, is placed within that part.
    """
    picture = _field(backdrop, width, height)
    pattern = pattern_svg(backdrop.kind, backdrop.seed, width, height, backdrop.mark)
    if pattern:
        _lay(picture, pattern, backdrop.strength)
    if backdrop.emblem:
        x, y = width * (1 - shown) / 2, height * (1 - shown) / 2
        placed = f'<g transform="translate({x:.2f} {y:.2f}) scale({scale:.5f})">{backdrop.emblem}</g>'
        _lay(picture, placed, backdrop.emblem_strength)
    return opaque(picture, grain=1.3 if backdrop.kind == "paper" else 0.8, seed=backdrop.seed)


def _lay(picture: NDArray[np.float32], body: str, strength: float) -> None:
    """Draw SVG content over a picture, in place.

    Half the size is enough for a quiet pattern, and its edges come out a little soft, as if far away.
    """
    height, width = picture.shape[:2]
    half = draw_svg(body, (width, height), (max(2, width // 2), max(2, height // 2)), ())
    rgba = cv2.resize(half, (width, height), interpolation=cv2.INTER_LINEAR)
    alpha = rgba[..., 3:].astype(np.float32) * np.float32(strength / 255)
    picture += (rgba[..., :3].astype(np.float32) / np.float32(255) - picture) * alpha


def glow_planes(glow: Glow, long_side: int, seed: int) -> Planes:
    """A soft round light as a translucent square."""
    side = max(8, round(glow.radius * long_side / 2) * 4)
    axis = (np.arange(side, dtype=np.float32) + 0.5) / side * 2 - 1
    distance = np.minimum(np.hypot(axis[None, :], axis[:, None]), 1)
    alpha = ((1 - distance**2) ** 2 * glow.strength).astype(np.float32)
    return soft(glow.colour, alpha, seed)


def _field(backdrop: Backdrop, width: int, height: int) -> NDArray[np.float32]:
    """A few wide lobes of colour melting into each other."""
    rng = np.random.default_rng([backdrop.seed, 1])
    across, down = max(2, width // _COARSE), max(2, height // _COARSE)
    ratio = width / height
    x = np.linspace(0, ratio, across, dtype=np.float32)[None, :]
    y = np.linspace(0, 1, down, dtype=np.float32)[:, None]
    colours = [np.array(rgb_of(colour), dtype=np.float32) for colour in backdrop.colours]
    total = np.zeros((down, across, 3), dtype=np.float32)
    weight = np.zeros((down, across, 1), dtype=np.float32)
    for place in range(2 * len(colours) + 1):
        colour = colours[place % len(colours)]
        cx, cy = rng.uniform(-0.1, 1.1) * ratio, rng.uniform(-0.1, 1.1)
        spread = rng.uniform(0.28, 0.62)
        lobe = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * spread**2))[..., None].astype(np.float32) + 1e-4
        total += lobe * colour
        weight += lobe
    coarse = total / weight
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)
