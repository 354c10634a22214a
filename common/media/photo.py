"""A user's picture made ready to be moved: decoded once, upright, oversampled for smooth sub-pixel motion."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from common.media.footage import MEDIA_ERRORS, UnreadableMedia, cover, open_media
from common.media.raster import Planes, opaque, rgb_of

_MOST_PIXELS = 120_000_000
_OVERSAMPLE = 1.6  # more detail than shown, so that a warp stays sharp
_MOST_ENLARGED = 1.6
_LEAST_KEPT = 0.5  # a crop that would lose more than this shows the whole picture on a blurred ground instead


def photo_planes(path: Path, width: int, height: int, ground: str) -> Planes:
    """The picture filling at least width x height, in the same proportions; transparent parts show `ground`.

    Small or oddly shaped pictures stand whole on a blurred enlargement of themselves. Raises UnreadableMedia.
    """
    picture = _decode(path, ground)
    rows, columns = picture.shape[:2]
    fill = max(width / columns, height / rows)
    kept = min(width / fill / columns, 1.0) * min(height / fill / rows, 1.0)
    if kept < _LEAST_KEPT or fill > _MOST_ENLARGED:
        return _planes(_framed(picture, width, height))
    zoom = min(_OVERSAMPLE, max(1.0, 1 / fill))
    return _planes(cover(picture, _even(width * zoom), _even(height * zoom)))


def _framed(picture: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    tiny = cover(picture, max(8, width // 24), max(8, height // 24))
    soft = cv2.GaussianBlur(tiny, (0, 0), 2.2, borderType=cv2.BORDER_REPLICATE)
    canvas = cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC)
    canvas = np.asarray(canvas.astype(np.float32) * 0.62, dtype=np.uint8)
    rows, columns = picture.shape[:2]
    scale = min(width / columns, height / rows, 2.0)
    across, down = max(1, round(columns * scale)), max(1, round(rows * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    x, y = (width - across) // 2, (height - down) // 2
    canvas[y : y + down, x : x + across] = cv2.resize(picture, (across, down), interpolation=how)
    return np.asarray(canvas, dtype=np.uint8)


def _decode(path: Path, ground: str) -> NDArray[np.uint8]:
    """The picture as (h, w, 3) RGB."""
    advice = "send a JPEG, PNG or WebP that opens elsewhere"
    try:
        with open_media(path) as container:
            stream = container.streams.video[0]
            pixels, form = stream.width * stream.height, stream.format.name if stream.format else ""
    except MEDIA_ERRORS as error:
        raise UnreadableMedia(f"The picture {path.name} cannot be read ({type(error).__name__}); {advice}.") from error
    if pixels > _MOST_PIXELS:
        raise UnreadableMedia(
            f"The picture {path.name} has {pixels / 1e6:.0f} megapixels, {_MOST_PIXELS // 10**6} are allowed; "
            "scale it down."
        )
    clear = "a" in form.replace("gray", "")  # rgba, ya8, yuva420p, pal8 and the like
    data = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    try:
        found = cv2.imdecode(data, cv2.IMREAD_UNCHANGED if clear else cv2.IMREAD_COLOR)
    except cv2.error:
        found = None
    if found is None:
        raise UnreadableMedia(f"The picture {path.name} is damaged; {advice}.")
    if found.dtype == np.uint16:
        found = cv2.convertScaleAbs(found, alpha=1 / 257)
    if found.ndim == 2:
        found = cv2.cvtColor(found, cv2.COLOR_GRAY2BGR)
    if found.shape[2] == 4:
        alpha = found[..., 3:].astype(np.float32) / np.float32(255)
        under = np.array(rgb_of(ground)[::-1], dtype=np.float32) * 255
        found = (found[..., :3] * alpha + under * (1 - alpha)).astype(np.uint8)
    return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _planes(rgb: NDArray[np.uint8]) -> Planes:
    return opaque(rgb.astype(np.float32) / np.float32(255))


def _even(value: float) -> int:
    return max(2, round(value / 2) * 2)
