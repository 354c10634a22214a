"""A picture under a moving camera: enlarged or reduced to a fraction of a pixel, at the speed of a plain resize.

A resize takes whole columns and rows to whole columns and rows, so its pixels stand on a grid, and a camera would jerk
along it. There are many such grids, though: of those a little larger than the frame, one nearly always has the wanted
scale, and a window of it the wanted place, to a hundredth of a pixel. What lies around the window is thrown away.
"""

from functools import lru_cache

import cv2
import numpy as np

from common.media.raster import Plane

_SPARE = 128  # columns and rows that a grid may have more than the window; each costs its share of the resize
_CLOSE = 0.02  # pixels of the picture that the edges may be off: a step is then 0.06 longer than the last at most
_RIM = 1  # what a resize makes of its outermost pixels lacks the neighbours outside
_WIDER = np.arange(2 * _RIM, _SPARE, dtype=np.float64)
_INTO = np.arange(_RIM, _SPARE - _RIM, dtype=np.float64)[None, :]


class Zoom:
    """Windows of pictures, with memory for one at a time."""

    def __init__(self, width: int, height: int) -> None:
        self._scratch: Plane = np.empty((width + _SPARE) * (height + _SPARE), dtype=np.uint8)

    def show(self, plane: Plane, step: float, start: tuple[float, float], into: Plane) -> bool:
        """Fill `into` so that its pixel (x, y) shows the plane at `start` + `step` * (x, y); False if no grid fits.

        Positions count from pixel centres. A window that reaches past the plane's edge fits none.
        """
        across = grid(step, start[0], into.shape[1], plane.shape[1])
        down = grid(step, start[1], into.shape[0], plane.shape[0])
        if across is None or down is None:
            return False
        (x, width, columns, left), (y, height, rows, top) = across, down
        whole = self._scratch[: rows * columns].reshape(rows, columns)
        cv2.resize(plane[y : y + height, x : x + width], (columns, rows), dst=whole, interpolation=cv2.INTER_LINEAR)
        into[:] = whole[top : top + into.shape[0], left : left + into.shape[1]]
        return True


@lru_cache(maxsize=8)  # both planes of chroma ask for the same
def grid(step: float, start: float, count: int, length: int) -> tuple[int, int, int, int] | None:
    """Along one axis: first pixel of the picture, how many of them, to how many they become, where the window begins.

    `count` pixels of a picture of `length` are wanted, from `start` on and `step` apart; None if nothing is near.
    """
    pixels = count + _WIDER
    taken = np.rint(step * pixels)
    near = np.abs(taken / pixels - step) * (count - 1) <= 2 * _CLOSE  # else one edge is off, wherever the other is
    if not near.any():
        return None
    pixels, taken = pixels[near][:, None], taken[near][:, None]
    scale = taken / pixels
    first = np.rint(start - scale * (_INTO + 0.5) + 0.5)
    error = scale * (_INTO + 0.5) - 0.5 + first - start
    worst = np.maximum(np.abs(error), np.abs(error + (scale - step) * (count - 1)))
    fits = (worst <= _CLOSE) & (first >= 0) & (first + taken <= length) & (pixels - count >= _INTO + _RIM)
    if not fits.any():
        return None
    row, column = divmod(int(np.argmax(fits)), fits.shape[1])  # the first: that of the smallest grid
    return int(first[row, column]), int(taken[row, 0]), int(pixels[row, 0]), int(_INTO[0, column])
