"""Movement over time: keyframed tracks, easing, and the slow sway that keeps a picture alive."""

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

from common.domain.model import Model

Ease = Literal["out", "in_out", "back", "drift"]


def _out(t: float) -> float:
    return 1 - (1 - t) ** 4


def _in_out(t: float) -> float:
    return t * t * t * (t * (6 * t - 15) + 10)


def _back(t: float) -> float:
    over = 1.35
    return 1 + (over + 1) * (t - 1) ** 3 + over * (t - 1) ** 2


def _drift(t: float) -> float:
    return t


_CURVES: Mapping[Ease, Callable[[float], float]] = MappingProxyType(
    {"out": _out, "in_out": _in_out, "back": _back, "drift": _drift}
)


class Key(Model):
    """A value reached at a frame; `ease` shapes the way from the key before. `drift` is for the camera only."""

    at: float
    value: float
    ease: Ease = "out"


Track = tuple[Key, ...]


class Sway(Model):
    """An endless slow orbit in pixels and degrees; `period` in frames, `phase` in turns."""

    x: float = 0.0
    y: float = 0.0
    turn: float = 0.0
    period: float = 300.0
    phase: float = 0.0

    def at(self, frame: float) -> tuple[float, float, float]:
        """Offset x, y in pixels and rotation in degrees at a frame."""
        angle = 2 * math.pi * (frame / self.period + self.phase)
        return self.x * math.cos(angle), self.y * math.sin(angle), self.turn * math.sin(angle)


class Motion(Model):
    """How a layer moves: an empty track holds its neutral value.

    `x`, `y` offset the resting place in pixels; `scale` and `turn` (degrees) act about the centre; `opacity`, and the
    reveals `left` (wipe from the left), `up` (slide up out of a mask) and `sweep` (clockwise wipe) run from 0 to 1.
    """

    x: Track = ()
    y: Track = ()
    scale: Track = ()
    turn: Track = ()
    opacity: Track = ()
    left: Track = ()
    up: Track = ()
    sweep: Track = ()
    sway: Sway | None = None


def value(track: Track, frame: float, neutral: float) -> float:
    """The track's value at a frame; before the first key and after the last one it holds theirs."""
    if not track:
        return neutral
    after = bisect_right([key.at for key in track], frame)
    if after == 0:
        return track[0].value
    before = track[after - 1]
    if after == len(track):
        return before.value
    target = track[after]
    part = (frame - before.at) / (target.at - before.at)
    return before.value + (target.value - before.value) * _CURVES[target.ease](part)


def ramp(start: float, frames: float, first: float, last: float, ease: Ease = "out") -> Track:
    """A track that goes once from `first` to `last`, beginning at `start` and taking `frames`."""
    return (Key(at=start, value=first), Key(at=start + max(frames, 1e-3), value=last, ease=ease))
