"""From one scene to the next: mixed on planar frames, eased, and smooth to a fraction of a pixel."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from common.domain.frame import Size
from common.domain.plan import Transition
from common.media.blend import warp
from common.media.raster import Plane
from common.media.source import Frame

_EDGE = 0.12  # of the width, over which a wipe is soft
_NEARER, _FARTHER = 1.18, 0.90  # how much a zoom enlarges what goes, and reduces what comes, at most


def mixed(kind: Transition, away: Frame, into: Frame, position: float, size: Size) -> Frame:
    """What shows at a position of 0..1 between two frames: at 0 the one that goes, at 1 the one that comes."""
    return _MIXERS[kind](away, into, ease(position), size)


def ease(position: float) -> float:
    """Smoothstep: slow at both ends, so that a transition has no visible first or last step."""
    return position * position * (3.0 - 2.0 * position)


def _fade(away: Frame, into: Frame, share: float, size: Size) -> Frame:
    del size
    return np.asarray(cv2.addWeighted(away, 1.0 - share, into, share, 0.0), dtype=np.uint8)


def _slide(away: Frame, into: Frame, share: float, size: Size) -> Frame:
    """What comes pushes what goes out to the left."""
    frame = np.empty_like(away)
    for part, before, after, target in _planes(size, away, into, frame):
        both = np.hstack([before, after])
        offset = share * size.width / part
        whole = min(int(offset), before.shape[1] - 1)
        near, far = (both[:, at : at + target.shape[1]] for at in (whole, whole + 1))
        cv2.addWeighted(near, 1.0 - (offset - whole), far, offset - whole, 0.0, dst=target)
    return frame


def _wipe(away: Frame, into: Frame, share: float, size: Size) -> Frame:
    """A soft edge runs from left to right and uncovers what comes."""
    frame = np.empty_like(away)
    for part, before, after, target in _planes(size, away, into, frame):
        columns = (np.arange(target.shape[1], dtype=np.float32) * part + (part - 1) / 2) / size.width
        shown = np.clip((share * (1 + _EDGE) - columns) / _EDGE, 0, 1).astype(np.float32)
        left = int(np.searchsorted(-shown, -1, side="right"))  # wholly uncovered
        right = int(np.searchsorted(-shown, 0, side="left"))  # still wholly covered from here on
        target[:, :left] = after[:, :left]
        target[:, right:] = before[:, right:]
        if right > left:
            weight = np.tile(shown[left:right], (target.shape[0], 1))
            new, old = (np.ascontiguousarray(plane[:, left:right]) for plane in (after, before))
            target[:, left:right] = cv2.blendLinear(new, old, weight, 1 - weight)
    return frame


def _zoom(away: Frame, into: Frame, share: float, size: Size) -> Frame:
    """The camera moves on: what goes comes nearer and fades, what comes arrives from a little behind."""
    frame = np.empty_like(away)
    old = _about(1 + (_NEARER - 1) * share, size)
    new = _about(_FARTHER + (1 - _FARTHER) * share, size)
    whole = (0, 0, size.width, size.height)
    for part, before, after, target in _planes(size, away, into, frame):
        goes = warp(before, old, whole, part, replicate=True)
        comes = warp(after, new, whole, part, replicate=True)
        cv2.addWeighted(goes, 1.0 - share, comes, share, 0.0, dst=target)
    return frame


def _about(scale: float, size: Size) -> NDArray[np.float64]:
    """Frame positions to picture positions of a picture enlarged about its middle."""
    x, y = (size.width - 1) / 2, (size.height - 1) / 2
    return np.array([[1 / scale, 0, x - x / scale], [0, 1 / scale, y - y / scale]])


def _planes(size: Size, *frames: Frame) -> list[tuple[int, Plane, Plane, Plane]]:
    """Luma and both planes of chroma of three frames, each with how many luma pixels one of its own is wide."""
    luma, quarter = size.width * size.height, size.width * size.height // 4
    spans = ((1, 0, luma), (2, luma, luma + quarter), (2, luma + quarter, luma + 2 * quarter))
    found = []
    for part, start, end in spans:
        one, two, three = (frame[start:end].reshape(size.height // part, size.width // part) for frame in frames)
        found.append((part, one, two, three))
    return found


_MIXERS: Mapping[Transition, Callable[[Frame, Frame, float, Size], Frame]] = MappingProxyType(
    {"fade": _fade, "slide": _slide, "wipe": _wipe, "zoom": _zoom}
)
