"""Picture sizes: aspect and resolution to pixels."""

from typing import Literal

from common.domain.model import Model

Aspect = Literal["16:9", "9:16", "1:1", "4:5"]
Resolution = Literal["480p", "720p", "1080p", "2160p"]

Rate = Literal[24, 25, 30, 50, 60]

FPS: Rate = 30  # of every plan as it is written, and of every drawing; a video of another rate is made from these
_SHORT_SIDE: dict[str, int] = {"480p": 480, "720p": 720, "1080p": 1080, "2160p": 2160}
_RATIO: dict[str, tuple[int, int]] = {"16:9": (16, 9), "9:16": (9, 16), "1:1": (1, 1), "4:5": (4, 5)}


class Size(Model):
    """Width and height in pixels, both even (a rule of yuv420p)."""

    width: int
    height: int


def size_of(aspect: Aspect, resolution: Resolution) -> Size:
    """The pixel size whose short side is the resolution: 1080p is 1920x1080, 1080x1920, 1080x1080 or 1080x1350."""
    across, down = _RATIO[aspect]
    short = _SHORT_SIDE[resolution]
    scale = short / min(across, down)
    return Size(width=_even(across * scale), height=_even(down * scale))


def shape_of(aspect: Aspect) -> float:
    """Width by height."""
    across, down = _RATIO[aspect]
    return across / down


def frames_of(seconds: float, fps: int = FPS) -> int:
    """The whole number of frames nearest to a duration, at least one."""
    return max(1, round(seconds * fps))


def _even(value: float) -> int:
    return round(value / 2) * 2
