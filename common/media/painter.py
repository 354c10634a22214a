"""Painting a composition: every frame a pure function of its number, straight into the encoder's own pixel form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from common.domain.frame import Size
from common.media.backdrop import backdrop_planes, glow_planes
from common.media.blend import Canvas, Placed, Rect, merged, placed, warp
from common.media.composition import Camera, Clip, Composition, Photo, Sprite
from common.media.footage import Footage, UnreadableMedia
from common.media.photo import photo_planes
from common.media.raster import Plane, Planes
from common.media.stamp import Stamp
from common.media.zoom import Zoom

_RIM = 96  # pixels that repeat a picture's edge around it, so that a window near the edge finds a grid as well
_TOGETHER = 2  # groups of sprites that are kept in one piece; each may be as large as a frame

cv2.setNumThreads(1)  # frames are painted in parallel by processes; threads inside would only fight


class Painter:
    """Frames of one scene at a size and rate; the composition is scaled and retimed where they differ from its own.

    Raises UnreadableMedia when a file of the user's is missing or cannot be shown.
    """

    def __init__(self, composition: Composition, files: Mapping[str, Path], size: Size, fps: int) -> None:
        self._composition, self._files, self._size = composition, files, size
        self._pace = composition.fps / fps
        self._fps = fps
        self._scale = size.width / composition.width
        self._canvas = Canvas(size.width, size.height)
        self._grounds: dict[int, Planes | Footage] = {}
        self._stamps = {
            at: Stamp(layer, self._scale) for at, layer in enumerate(composition.layers) if isinstance(layer, Sprite)
        }
        self._together: dict[tuple[int, ...], Placed] = {}
        self._zoom = Zoom(size.width, size.height)
        self._base: Planes | None = None
        self._glows: list[Planes] = []
        if not any(isinstance(layer, (Photo, Clip)) and layer.area is None for layer in composition.layers):
            self._prepare_backdrop()
        for at, layer in enumerate(composition.layers):
            if isinstance(layer, Photo):
                x0, y0, x1, y1 = self._area(layer)
                ground = composition.backdrop.colours[0]
                self._grounds[at] = _rimmed(photo_planes(self._file(layer.object), x1 - x0, y1 - y0, ground))
            elif isinstance(layer, Clip):
                x0, y0, x1, y1 = self._area(layer)
                self._grounds[at] = Footage(self._file(layer.object), x1 - x0, y1 - y0, fps, layer.loop)

    def frame(self, number: int) -> Plane:
        """The frame as one contiguous yuv420p buffer; valid until the next call. Numbers may lie past both ends."""
        time = number * self._pace
        resting = self._resting(number)
        if self._base is not None:
            self._paint_backdrop(self._base, time)
        for at, layer in enumerate(self._composition.layers):
            if isinstance(layer, Sprite):
                if at not in resting:
                    self._stamps[at].paint(self._canvas, time)
                elif resting[at]:
                    self._put_together(resting[at])
                continue
            ground, area = self._grounds[at], self._area(layer)
            if isinstance(layer, Photo) and isinstance(ground, Planes):
                seen = Size(width=area[2] - area[0], height=area[3] - area[1])
                self._pan(ground, _framing(layer, ground, seen, time / self._composition.frames), area)
            elif isinstance(ground, Footage):
                picture = ground.planes(number)
                for target, plane in zip(self._targets(area), (picture.y, picture.u, picture.v), strict=True):
                    target[:] = plane
        return self._canvas.data

    def _resting(self, number: int) -> dict[int, tuple[int, ...]]:
        """Sprites that rest one upon the other, in this frame and the one before: all of them with the undermost.

        What is put together once is put down many times, in place of each one. It depends on nothing but the number,
        for whichever frame is painted first, its bytes are the same.
        """
        found: dict[int, tuple[int, ...]] = {}
        run: list[int] = []
        for at in range(len(self._composition.layers) + 1):
            stamp = self._stamps.get(at)
            if stamp and all(stamp.rests(frame * self._pace) for frame in (number - 1, number)):
                run.append(at)
                continue
            if len(run) > 1:
                found |= {**dict.fromkeys(run, ()), run[0]: tuple(run)}
            run = []
        return found

    def _put_together(self, sprites: tuple[int, ...]) -> None:
        if sprites not in self._together:
            if len(self._together) == _TOGETHER:
                self._together.pop(next(iter(self._together)))
            self._together[sprites] = merged([self._stamps[at].resting() for at in sprites])
        planes, x, y = self._together[sprites]
        self._canvas.put(planes, x, y, (0, 0, self._size.width, self._size.height))

    def close(self) -> None:
        """Let go of open clips."""
        for ground in self._grounds.values():
            if isinstance(ground, Footage):
                ground.close()

    def _file(self, key: str) -> Path:
        if key not in self._files:
            raise UnreadableMedia(f"The file {key} that a scene shows is not there; upload it again.")
        return self._files[key]

    def _prepare_backdrop(self) -> None:
        backdrop, size = self._composition.backdrop, self._size
        margin = 1 + 2 * _reach(backdrop.camera)
        width, height = _even(size.width * margin), _even(size.height * margin)
        self._base = _rimmed(backdrop_planes(backdrop, width, height, self._scale, 1 / margin))
        longest = max(size.width, size.height)
        self._glows = [glow_planes(glow, longest, backdrop.seed + at) for at, glow in enumerate(backdrop.glows)]

    def _paint_backdrop(self, base: Planes, time: float) -> None:
        backdrop, size = self._composition.backdrop, self._size
        whole = (0, 0, size.width, size.height)
        self._pan(base, _view(backdrop.camera, base, size, time, self._composition.frames), whole)
        for glow, planes in zip(backdrop.glows, self._glows, strict=True):
            angle = 2 * math.pi * (time / glow.period + glow.phase)
            x = glow.x * size.width + glow.reach * max(size.width, size.height) * math.cos(angle) - planes.width / 2
            y = glow.y * size.height + glow.reach * max(size.width, size.height) * math.sin(angle) - planes.height / 2
            self._canvas.put(planes, _even(x), _even(y), whole)

    def _area(self, layer: Photo | Clip) -> Rect:
        """Where a picture or clip stands, in luma pixels."""
        if layer.area is None:
            return 0, 0, self._size.width, self._size.height
        left, top = _even(layer.area.x * self._scale), _even(layer.area.y * self._scale)
        right, bottom = (
            _even((layer.area.x + layer.area.width) * self._scale),
            _even((layer.area.y + layer.area.height) * self._scale),
        )
        return left, top, min(right, self._size.width), min(bottom, self._size.height)

    def _targets(self, area: Rect) -> tuple[Plane, ...]:
        x0, y0, x1, y1 = area
        planes = ((self._canvas.y, 1), (self._canvas.u, 2), (self._canvas.v, 2))
        return tuple(plane[y0 // part : y1 // part, x0 // part : x1 // part] for plane, part in planes)

    def _pan(self, planes: Planes, matrix: NDArray[np.float64], area: Rect) -> None:
        """Show in the area what the matrix takes its pixels to, counted from its corner."""
        seen = (0, 0, area[2] - area[0], area[3] - area[1])
        for target, plane, part in zip(self._targets(area), (planes.y, planes.u, planes.v), (1, 2, 2), strict=True):
            local = placed(matrix, seen, part)
            if not self._zoom.show(plane, local[0, 0], (local[0, 2], local[1, 2]), target):
                warp(plane, matrix, seen, part, replicate=True, into=target)


def _rimmed(planes: Planes) -> Planes:
    """An opaque picture with its edge repeated around it."""

    def wider(plane: Plane, rim: int) -> Plane:
        return np.asarray(cv2.copyMakeBorder(plane, rim, rim, rim, rim, cv2.BORDER_REPLICATE), dtype=np.uint8)

    return Planes(wider(planes.y, _RIM), wider(planes.u, _RIM // 2), wider(planes.v, _RIM // 2))


def _reach(camera: Camera) -> float:
    """How far the camera may leave the middle, as a share of the picture, on each side."""
    return camera.orbit + 0.55 * max(abs(camera.shift_x), abs(camera.shift_y)) + 0.004


def _view(camera: Camera, base: Planes, size: Size, time: float, frames: int) -> NDArray[np.float64]:
    part = min(max(time / frames, -0.05), 1.05)
    zoom = camera.zoom[0] * (camera.zoom[1] / camera.zoom[0]) ** part
    angle = 2 * math.pi * (time / camera.period + camera.phase)
    x = size.width * (camera.shift_x * (part - 0.5) + camera.orbit * math.cos(angle))
    y = size.height * (camera.shift_y * (part - 0.5) + camera.orbit * math.sin(angle))
    return _zoomed(base.width / 2 + x, base.height / 2 + y, 1 / zoom, size)


def _framing(photo: Photo, planes: Planes, size: Size, part: float) -> NDArray[np.float64]:
    part = min(max(part, -0.05), 1.05)
    part += 0.06 * math.sin(2 * math.pi * (part - 0.25)) + 0.06  # breathes: never a constant speed, never at rest
    first, last = photo.zoom
    zoom = max(1.0, first * (last / first) ** part)
    width, height = planes.width - 2 * _RIM, planes.height - 2 * _RIM
    step = width / size.width / zoom  # picture pixels per frame pixel
    spare_x, spare_y = width - size.width * step, height - size.height * step
    (fx0, fy0), (fx1, fy1) = photo.focus
    fx, fy = (min(max(a + (b - a) * part, 0.0), 1.0) for a, b in ((fx0, fx1), (fy0, fy1)))
    x, y = fx * spare_x + size.width * step / 2, fy * spare_y + size.height * step / 2
    return _zoomed(_RIM + x, _RIM + y, step, size)


def _zoomed(cx: float, cy: float, step: float, size: Size) -> NDArray[np.float64]:
    """Frame positions to picture positions: the frame's middle shows (cx, cy), one pixel is `step` picture pixels."""
    return np.array([[step, 0, cx - step * size.width / 2], [0, step, cy - step * size.height / 2]])


def _even(value: float) -> int:
    return math.floor(value / 2 + 0.5) * 2
