"""One sprite on its way through a scene: drawn once, then placed, moved, faded and revealed frame by frame."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.media.blend import Canvas, Placed, Rect, warp
from common.media.composition import Sprite
from common.media.motion import value
from common.media.raster import Plane, Planes, sprite, to_byte

_STILL = 1e-3  # pixels, degrees: less is no movement


@dataclass(frozen=True)
class _Pose:
    """How a sprite stands: how much of it shows, how far it is from its place in pixels, its scale and degrees."""

    opacity: float = 1.0
    left: float = 1.0
    up: float = 1.0
    sweep: float = 1.0
    dx: float = 0.0
    dy: float = 0.0
    slide: float = 0.0  # further down than its mask
    zoom: float = 1.0
    turn: float = 0.0

    @property
    def unmoved(self) -> bool:
        return (self.dx, self.dy, self.slide, self.zoom, self.turn) == (0.0, 0.0, 0.0, 1.0, 0.0)


_AT_REST = _Pose()


class Stamp:
    """A sprite at a scale. Its pixels are made at its first appearance and let go after its last."""

    def __init__(self, layer: Sprite, scale: float) -> None:
        self._layer, self._scale = layer, scale
        self._x, self._y = _even(layer.x * scale), _even(layer.y * scale)
        self._width = max(2, math.ceil(layer.width * scale / 2) * 2)
        self._height = max(2, math.ceil(layer.height * scale / 2) * 2)
        self._drawn: tuple[Planes, int, int] | None = None
        self._angles: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None

    def paint(self, canvas: Canvas, time: float) -> None:
        """Blend the sprite as it is at a time (in the composition's frames)."""
        pose = self._pose(time)
        if pose is None:
            if not self._present(time):
                self._drawn = None
            return
        planes, offset_x, offset_y = self._pixels()
        if pose.sweep < 1:
            planes = self._swept(planes, offset_x, offset_y, pose.sweep)
        window = self._window(pose)
        if pose.unmoved:
            canvas.put(planes, self._x + offset_x, self._y + offset_y, window, pose.opacity)
            return
        self._warped(canvas, planes, (offset_x, offset_y), pose, window)

    def rests(self, time: float) -> bool:
        """Whether it is wholly there at a time, and nothing about it moves."""
        pose = self._pose(time)
        return pose is not None and pose == _AT_REST

    def resting(self) -> Placed:
        """What it looks like at rest."""
        planes, offset_x, offset_y = self._pixels()
        return Placed(planes, self._x + offset_x, self._y + offset_y)

    def _pose(self, time: float) -> "_Pose | None":
        """How the sprite stands at a time; None where nothing of it is seen."""
        motion = self._layer.motion
        if not self._present(time):
            return None
        opacity = value(motion.opacity, time, 1.0)
        left, up, sweep = (value(track, time, 1.0) for track in (motion.left, motion.up, motion.sweep))
        zoom = value(motion.scale, time, 1.0)
        if opacity <= 1 / 512 or left <= 0 or up <= 0 or sweep <= 0 or zoom <= 0.01:
            return None
        sway_x, sway_y, sway_turn = motion.sway.at(time) if motion.sway else (0.0, 0.0, 0.0)
        dx = (value(motion.x, time, 0.0) + sway_x) * self._scale
        dy = (value(motion.y, time, 0.0) + sway_y) * self._scale
        slide = (1 - up) * self._height
        turn = value(motion.turn, time, 0.0) + sway_turn
        if abs(dx) < _STILL and abs(dy + slide) < _STILL and abs(zoom - 1) < 1e-4 and abs(turn) < _STILL:
            dx, dy, slide, zoom, turn = 0.0, 0.0, 0.0, 1.0, 0.0
        opacity, left, up, sweep = (min(part, 1.0) for part in (opacity, left, up, sweep))
        return _Pose(opacity, left, up, sweep, dx, dy, slide, zoom, turn)

    def _present(self, time: float) -> bool:
        first, last = self._layer.first, self._layer.last
        return (first is None or time >= first) and (last is None or time < last)

    def _pixels(self) -> tuple[Planes, int, int]:
        """The drawn planes without their empty rim, and where that rim left them."""
        if self._drawn is None:
            layer = self._layer
            box, pixels = (layer.width, layer.height), (self._width, self._height)
            whole = sprite(layer.svg, box, pixels, layer.fonts, soft=layer.soft)
            self._drawn = _trimmed(whole)
        return self._drawn

    def _window(self, pose: "_Pose") -> Rect:
        """What a reveal lets through, in frame pixels."""
        far = 1 << 20
        right = _even(self._x + pose.dx + pose.left * self._width) if pose.left < 1 else far
        bottom = _even(self._y + pose.dy + self._height) if pose.up < 1 else far
        return -far, -far, right, bottom

    def _warped(
        self,
        canvas: Canvas,
        planes: Planes,
        offset: tuple[int, int],
        pose: "_Pose",
        window: Rect,
    ) -> None:
        angle = math.radians(pose.turn)
        cos, sin = math.cos(angle) * pose.zoom, math.sin(angle) * pose.zoom
        # The box turns and scales about its middle; the trimmed planes lie at `offset` inside it.
        middle = np.array([self._width / 2 - offset[0], self._height / 2 - offset[1]])
        centre = np.array([self._x + self._width / 2 + pose.dx, self._y + self._height / 2 + pose.dy + pose.slide])
        forward = np.array([[cos, -sin], [sin, cos]])
        corners = np.array([[0, 0], [planes.width, 0], [0, planes.height], [planes.width, planes.height]])
        placed = (corners - middle) @ forward.T + centre
        low, high = placed.min(axis=0), placed.max(axis=0)
        rect = (
            max(0, window[0], math.floor(low[0] / 2) * 2 - 2),
            max(0, window[1], math.floor(low[1] / 2) * 2 - 2),
            min(canvas.width, window[2], math.ceil(high[0] / 2) * 2 + 2),
            min(canvas.height, window[3], math.ceil(high[1] / 2) * 2 + 2),
        )
        if rect[2] - rect[0] < 2 or rect[3] - rect[1] < 2 or planes.a is None or planes.ac is None:
            return
        inverse = np.linalg.inv(forward)
        # Pixel centres lie half a pixel in; positions below count from centres.
        half = np.array([0.5, 0.5])
        matrix = np.column_stack([inverse, middle - half + inverse @ (half - centre)])
        moved = Planes(
            warp(planes.y, matrix, rect, 1),
            warp(planes.u, matrix, rect, 2),
            warp(planes.v, matrix, rect, 2),
            warp(planes.a, matrix, rect, 1),
            warp(planes.ac, matrix, rect, 2),
        )
        canvas.put(moved, rect[0], rect[1], rect, pose.opacity)

    def _swept(self, planes: Planes, offset_x: int, offset_y: int, sweep: float) -> Planes:
        """Only the part of the planes that a clock hand has passed, counted from the top."""
        if self._angles is None:
            self._angles = (
                _angles(self._width, self._height, planes, offset_x, offset_y, 1),
                _angles(self._width, self._height, planes, offset_x, offset_y, 2),
            )
        masks = [np.clip((np.float32(sweep) - angles) * np.float32(self._width) + 0.5, 0, 1) for angles in self._angles]

        def masked(plane: Plane | None, mask: NDArray[np.float32]) -> Plane:
            return to_byte(np.asarray(plane, dtype=np.float32) * mask)

        full, half = masks
        return Planes(
            masked(planes.y, full),
            masked(planes.u, half),
            masked(planes.v, half),
            masked(planes.a, full),
            masked(planes.ac, half),
        )


def _angles(width: int, height: int, planes: Planes, x: int, y: int, part: int) -> NDArray[np.float32]:
    """The clock angle of every pixel about the box's middle, in turns."""
    across = np.arange(planes.width // part, dtype=np.float32) * part + x + 0.5 - width / 2
    down = np.arange(planes.height // part, dtype=np.float32) * part + y + part / 2 - height / 2
    turns = np.arctan2(across[None, :], -down[:, None]) / np.float32(2 * math.pi)
    return np.asarray(np.mod(turns, 1.0), dtype=np.float32)


def _trimmed(planes: Planes) -> tuple[Planes, int, int]:
    alpha = planes.a if planes.a is not None else planes.y
    columns, rows = np.flatnonzero(alpha.any(axis=0)), np.flatnonzero(alpha.any(axis=1))
    if not len(columns):
        x0 = y0 = 0
        x1 = y1 = 2
    else:
        x0, y0 = max(0, (int(columns[0]) - 1) // 2 * 2), max(0, (int(rows[0]) - 1) // 2 * 2)
        x1 = min(planes.width, (int(columns[-1]) + 3) // 2 * 2)
        y1 = min(planes.height, (int(rows[-1]) + 3) // 2 * 2)

    def part(plane: Plane | None, by: int) -> Plane:
        return np.ascontiguousarray(np.asarray(plane)[y0 // by : y1 // by, x0 // by : x1 // by])

    cut = Planes(part(planes.y, 1), part(planes.u, 2), part(planes.v, 2), part(planes.a, 1), part(planes.ac, 2))
    return cut, x0, y0


def _even(value_: float) -> int:
    return math.floor(value_ / 2 + 0.5) * 2
