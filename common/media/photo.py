"""A user's picture made ready to be moved: decoded once, upright, oversampled for smooth sub-pixel motion.

A small file may hold a giant picture, so what decoding one may take is bounded: some 400 MB, whatever the file says.
"""

import threading
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from common.media.footage import MEDIA_ERRORS, UnreadableMedia, cover, open_media
from common.media.raster import Planes, opaque, rgb_of

_MOST_PIXELS = 50_000_000  # as the sensors of phones have; half of it for what takes twice the memory
_FULL = 25_000_000  # a JPEG of more pixels is decoded at half its size, which is still more than a frame shows
_STRIP = 1 << 20  # pixels that are laid upon the ground at a time
_PICTURES = frozenset(  # libav's names, so that it has looked at the very picture that OpenCV decodes
    {"png_pipe", "jpeg_pipe", "webp_pipe", "webp_anim", "bmp_pipe", "tiff_pipe", "gif", "image2", "mjpeg"}
)
_one = threading.Lock()  # one picture at a time is decoded, however many threads there are
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


def read_picture(path: Path) -> NDArray[np.uint8]:
    """The picture upright, as (h, w, 3) BGR or (h, w, 4) BGRA; a giant JPEG at half its size. UnreadableMedia."""
    advice = "send a JPEG, PNG or WebP that opens elsewhere"
    try:
        with _one, open_media(path, most_pixels=_MOST_PIXELS) as container:
            if container.format.name not in _PICTURES:
                raise ValueError("no picture")
            stream = container.streams.video[0]
            pixels, form = stream.width * stream.height, stream.format.name if stream.format else ""
            jpeg, gif = (stream.codec_context.name == name for name in ("mjpeg", "gif"))
            wide = gif or (stream.format is not None and stream.format.padded_bits_per_pixel > 32)
    except MEDIA_ERRORS as error:
        raise UnreadableMedia(f"The picture {path.name} cannot be read ({type(error).__name__}); {advice}.") from error
    if not pixels:
        raise UnreadableMedia(
            f"The picture {path.name} is damaged, is animated, or has more than the {_MOST_PIXELS // 10**6} megapixels "
            f"that are allowed; scale it down, or {advice}."
        )
    if wide and pixels > _MOST_PIXELS // 2:
        raise UnreadableMedia(
            f"The picture {path.name} has {pixels / 1e6:.0f} megapixels, and a GIF or one with 16 bits a channel may "
            f"have {_MOST_PIXELS // 2 // 10**6}; scale it down, or save it as a PNG with 8 bits a channel."
        )
    clear = "a" in form.replace("gray", "")  # rgba, ya8, yuva420p, pal8 and the like
    how = cv2.IMREAD_UNCHANGED if clear else cv2.IMREAD_COLOR
    if jpeg and pixels > _FULL:
        how = cv2.IMREAD_REDUCED_COLOR_2
    try:
        with _one:  # into an array of numpy's, for one of OpenCV's own would be copied
            found = cv2.imread(str(path), np.empty((0, 0), dtype=np.uint8), how)
    except cv2.error:
        found = None
    if found is None or not found.size:
        raise UnreadableMedia(f"The picture {path.name} is damaged; {advice}.")
    if found.dtype == np.uint16:
        found = cv2.convertScaleAbs(found, alpha=1 / 257)
    if found.ndim == 2:
        found = cv2.cvtColor(found, cv2.COLOR_GRAY2BGR)
    return np.asarray(found, dtype=np.uint8)


def _decode(path: Path, ground: str) -> NDArray[np.uint8]:
    """The picture as (h, w, 3) RGB."""
    found = read_picture(path)
    if found.shape[2] == 4:
        _lay(found, ground)
        return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGRA2RGB), dtype=np.uint8)
    return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _lay(picture: NDArray[np.uint8], ground: str) -> None:
    """Lay a BGRA picture upon one colour, in place, and some rows at a time: real numbers take much memory."""
    under = np.array(rgb_of(ground)[::-1], dtype=np.float32) * 255
    rows = max(1, _STRIP // picture.shape[1])
    for top in range(0, picture.shape[0], rows):
        part = picture[top : top + rows]
        alpha = part[..., 3:].astype(np.float32) / np.float32(255)
        part[..., :3] = (part[..., :3] * alpha + under * (1 - alpha)).astype(np.uint8)


def _planes(rgb: NDArray[np.uint8]) -> Planes:
    return opaque(rgb.astype(np.float32) / np.float32(255))


def _even(value: float) -> int:
    return max(2, round(value / 2) * 2)
