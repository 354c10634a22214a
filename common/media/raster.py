"""Pixels in the renderer's own form: planar YCbCr 4:2:0, BT.709, limited range, with premultiplied alpha.

Chroma is sited as H.264 assumes (level with every second luma column, between two rows), so that nothing shifts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import resvg_py
from numpy.typing import NDArray

from common.media.fonts import font_path

Plane = NDArray[np.uint8]
_COARSE = 8  # pixels across which a soft drawing shows nothing
# Rows: Y, Cb, Cr code values from red, green, blue in 0..1, with the offset last.
_TO_YUV = np.array(
    [
        [0.2126 * 219, 0.7152 * 219, 0.0722 * 219, 16],
        [-0.2126 / 1.8556 * 224, -0.7152 / 1.8556 * 224, 0.5 * 224, 128],
        [0.5 * 224, -0.7152 / 1.5748 * 224, -0.0722 / 1.5748 * 224, 128],
    ],
    dtype=np.float32,
)


@dataclass(frozen=True)
class Planes:
    """A picture: `y` and, at half size, `u` and `v`; `a`, `ac` are the alpha at both sizes, or None when opaque."""

    y: Plane
    u: Plane
    v: Plane
    a: Plane | None = None
    ac: Plane | None = None

    @property
    def width(self) -> int:
        """Luma columns."""
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        """Luma rows."""
        return int(self.y.shape[0])

    @property
    def nbytes(self) -> int:
        """Memory the planes take."""
        return sum(int(plane.nbytes) for plane in (self.y, self.u, self.v, self.a, self.ac) if plane is not None)


def rgb_of(colour: str) -> tuple[float, float, float]:
    """The channels of `#rrggbb` in 0..1."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def yuv_of(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Convert an (h, w, 3) picture of 0..1 sRGB values to Y, Cb, Cr code values (not yet rounded)."""
    return np.asarray(cv2.transform(rgb, _TO_YUV), dtype=np.float32)


def halve(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Subsample a plane to chroma resolution at H.264's default chroma position."""
    across = np.array([0.25, 0.5, 0.25], dtype=np.float32)
    down = np.array([0.0, 0.5, 0.5], dtype=np.float32)
    smooth = cv2.sepFilter2D(plane, cv2.CV_32F, across, down, borderType=cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(smooth[::2, ::2], dtype=np.float32)


def to_byte(plane: NDArray[np.float32]) -> Plane:
    """Round to code values."""
    return np.asarray(cv2.convertScaleAbs(np.maximum(plane, 0)), dtype=np.uint8)


def opaque(rgb: NDArray[np.float32], grain: float = 0.0, seed: int = 0) -> Planes:
    """Planes of an (h, w, 3) picture with even sides; `grain` (code values) dithers soft gradients."""
    yuv = yuv_of(rgb)
    luma, blue, red = (np.ascontiguousarray(yuv[..., channel]) for channel in range(3))
    blue, red = halve(blue), halve(red)
    if grain:
        rng = np.random.default_rng(seed)
        for plane in (luma, blue, red):
            plane += (rng.random(plane.shape, dtype=np.float32) - 0.5) * np.float32(2 * grain)
    return Planes(to_byte(luma), to_byte(blue), to_byte(red))


def translucent(rgb: NDArray[np.float32], alpha: NDArray[np.float32]) -> Planes:
    """Planes of a picture with alpha in 0..1, premultiplied; both sides even."""
    yuv = yuv_of(rgb)
    luma, blue, red = (np.ascontiguousarray(yuv[..., channel]) * alpha for channel in range(3))
    return _premultiplied(luma, blue, red, alpha * np.float32(255))


def flat(parts: Sequence[tuple[str, NDArray[np.float32]]]) -> Planes:
    """Planes of flat colours, each with how much of every pixel it covers in 0..1; both sides even.

    What the parts cover together is the alpha, and may not exceed 1.
    """
    luma, blue, red, alpha = (np.zeros_like(parts[0][1]) for _ in range(4))
    for colour, coverage in parts:
        codes = (*yuv_of(np.array([[rgb_of(colour)]], dtype=np.float32))[0, 0], np.float32(255))
        for plane, code in zip((luma, blue, red, alpha), codes, strict=True):
            plane += coverage * code
    return _premultiplied(luma, blue, red, alpha)


def soft(colour: str, alpha: NDArray[np.float32], seed: int) -> Planes:
    """Planes of one colour behind a soft alpha in 0..1, dithered so that its fading shows no steps."""
    codes = yuv_of(np.array([[rgb_of(colour)]], dtype=np.float32))[0, 0]
    noise = np.random.default_rng(seed).random(alpha.shape, dtype=np.float32) - np.float32(0.5)
    luma, blue, red = (alpha * code for code in codes)
    opacity = alpha * np.float32(255)
    luma += noise * np.minimum(luma, 1)
    opacity += noise[::-1] * np.minimum(opacity, 1)
    return _premultiplied(luma, blue, red, opacity)


def _premultiplied(
    luma: NDArray[np.float32], blue: NDArray[np.float32], red: NDArray[np.float32], alpha: NDArray[np.float32]
) -> Planes:
    return Planes(to_byte(luma), to_byte(halve(blue)), to_byte(halve(red)), to_byte(alpha), to_byte(halve(alpha)))


def draw_svg(body: str, box: tuple[float, float], pixels: tuple[int, int], fonts: tuple[str, ...]) -> NDArray[Any]:
    """Rasterise SVG content of a `box` (its own units) to (h, w, 4) RGBA of `pixels`, straight alpha, uint8."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{pixels[0]}" height="{pixels[1]}" '
        f'viewBox="0 0 {box[0]:.3f} {box[1]:.3f}" preserveAspectRatio="none">{body}</svg>'
    )
    files = [str(font_path(key)) for key in fonts]
    try:
        png = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=files)
    except BaseException as error:  # a panic of the rasteriser is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise ValueError(f"A drawing of {pixels[0]}x{pixels[1]} pixels made the rasteriser fail: {error}.") from error
    picture = cv2.imdecode(np.frombuffer(bytes(png), dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None or picture.ndim != 3:
        raise ValueError(f"A drawing of {pixels[0]}x{pixels[1]} pixels came back empty; its SVG is not valid.")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA if picture.shape[2] == 4 else cv2.COLOR_BGR2RGBA))


def sprite(
    body: str, box: tuple[float, float], pixels: tuple[int, int], fonts: tuple[str, ...] = (), *, soft: bool = False
) -> Planes:
    """Rasterise SVG content to premultiplied planes of an even size. What is `soft` has no edges: it is enlarged."""
    across, down = (max(2, side // (2 * _COARSE) * 2) if soft else side for side in pixels)
    rgba = draw_svg(body, box, (across, down), fonts).astype(np.float32) / np.float32(255)
    planes = translucent(np.ascontiguousarray(rgba[..., :3]), np.ascontiguousarray(rgba[..., 3]))
    return _enlarged(planes, pixels) if soft else planes


def _enlarged(planes: Planes, pixels: tuple[int, int]) -> Planes:
    half = (pixels[0] // 2, pixels[1] // 2)

    def to(plane: Plane | None, size: tuple[int, int]) -> Plane:
        return np.asarray(cv2.resize(np.asarray(plane), size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)

    return Planes(*(to(plane, size) for plane, size in (
        (planes.y, pixels), (planes.u, half), (planes.v, half), (planes.a, pixels), (planes.ac, half),
    )))  # fmt: skip
