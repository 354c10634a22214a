"""Putting translucent planes onto a frame: only the rectangle they cover, in place, without new memory per frame."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from common.media.raster import Plane, Planes

Rect = tuple[int, int, int, int]  # x0, y0, x1, y1 in luma pixels, all even


class Placed(NamedTuple):
    """Translucent planes, and the even place of their corner."""

    planes: Planes
    x: int
    y: int


class Canvas:
    """One yuv420p frame and the scratch memory to paint on it."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._scratch = [np.empty(width * height, dtype=np.uint8) for _ in range(3)]
        self.turn_to(np.zeros(width * height * 3 // 2, dtype=np.uint8))

    def turn_to(self, data: Plane) -> None:
        """Paint on another frame of the same size from now on, whoever it belongs to."""
        luma, quarter = self.width * self.height, self.width * self.height // 4
        self.data = data
        self.y = data[:luma].reshape(self.height, self.width)
        self.u = data[luma : luma + quarter].reshape(self.height // 2, self.width // 2)
        self.v = data[luma + quarter :].reshape(self.height // 2, self.width // 2)

    def put(self, planes: Planes, x: int, y: int, rect: Rect, opacity: float = 1.0) -> None:
        """Blend planes whose corner is at even (x, y), inside `rect` only."""
        x0, y0 = max(x, rect[0], 0), max(y, rect[1], 0)
        x1, y1 = min(x + planes.width, rect[2], self.width), min(y + planes.height, rect[3], self.height)
        if x1 - x0 < 2 or y1 - y0 < 2 or planes.a is None or planes.ac is None:
            return
        sources = ((planes.y, planes.a, self.y, 1), (planes.u, planes.ac, self.u, 2), (planes.v, planes.ac, self.v, 2))
        for colour, alpha, target, part in sources:
            rows, columns = slice((y0 - y) // part, (y1 - y) // part), slice((x0 - x) // part, (x1 - x) // part)
            place = target[y0 // part : y1 // part, x0 // part : x1 // part]
            self._over(colour[rows, columns], alpha[rows, columns], place, opacity)

    def _over(self, colour: Plane, alpha: Plane, target: Plane, opacity: float) -> None:
        through, below, above = (self.scratch(at, *target.shape) for at in range(3))
        if opacity < 1:
            cv2.convertScaleAbs(alpha, dst=through, alpha=-opacity, beta=255)
            cv2.convertScaleAbs(colour, dst=above, alpha=opacity)
            colour = above
        else:
            cv2.bitwise_not(alpha, dst=through)
        cv2.multiply(target, through, dst=below, scale=1 / 255)
        cv2.add(below, colour, dst=target)

    def scratch(self, at: int, rows: int, columns: int) -> Plane:
        """A reusable plane no larger than the frame; its content is whatever was last there."""
        return self._scratch[at][: rows * columns].reshape(rows, columns)


def warp(
    plane: Plane, matrix: NDArray[np.float64], rect: Rect, part: int, replicate: bool = False, into: Plane | None = None
) -> Plane:
    """Sample a plane at every pixel of `rect`; `matrix` takes frame positions to plane positions, in luma pixels.

    `part` is 1 for luma and 2 for chroma.
    """
    columns, rows = (rect[2] - rect[0]) // part, (rect[3] - rect[1]) // part
    border = cv2.BORDER_REPLICATE if replicate else cv2.BORDER_CONSTANT
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    local = placed(matrix, rect, part)
    found = cv2.warpAffine(plane, local, (columns, rows), dst=into, flags=flags, borderMode=border)
    return np.asarray(found, dtype=np.uint8)


def placed(matrix: NDArray[np.float64], rect: Rect, part: int) -> NDArray[np.float64]:
    """The same matrix between the pixels of a plane's own grid and those of `rect`, counted from its corner.

    Samples of chroma (`part` 2) sit at (2x, 2y + 0.5) of the luma grid.
    """
    shift = 0.5 if part == 2 else 0.0
    inner, offset = matrix[:, :2], matrix[:, 2]
    start = inner @ np.array([rect[0], rect[1] + shift]) + offset - np.array([0.0, shift])
    return np.column_stack([inner, start / part])


def merged(pictures: Sequence[Placed]) -> Placed:
    """Translucent pictures one upon the other as a single one."""
    left, top = min(one.x for one in pictures), min(one.y for one in pictures)
    width = max(one.x + one.planes.width for one in pictures) - left
    height = max(one.y + one.planes.height for one in pictures) - top
    size, half = (height, width), (height // 2, width // 2)
    whole = [np.zeros(shape, np.uint8) for shape in (size, half, half, size, half)]
    for planes, x, y in pictures:
        full, quarter = np.asarray(planes.a), np.asarray(planes.ac)
        layers = ((planes.y, full), (planes.u, quarter), (planes.v, quarter), (full, full), (quarter, quarter))
        for target, (colour, alpha) in zip(whole, layers, strict=True):
            part = width // target.shape[1]
            down, across = (y - top) // part, (x - left) // part
            place = target[down : down + colour.shape[0], across : across + colour.shape[1]]
            place[:] = cv2.add(cv2.multiply(place, cv2.bitwise_not(alpha), scale=1 / 255), colour)
    return Placed(Planes(*whole), left, top)
