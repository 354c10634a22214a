"""Whether every scene shows, with what it was to show: each is compared with its own painted middle."""

from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from common.domain.findings import Finding
from common.domain.frame import Size
from common.media.checks.watch import Plane, found
from common.media.layout import caption_box
from common.media.source import FrameSource
from common.media.timeline import Timeline

Painted = Callable[[str, Size], FrameSource]  # the frames of a scene, painted at a size

_SHORT = 180  # pixels of the short side that a scene is painted with for comparison
_CELL = 4  # of those pixels, whose mean is compared: letters and grain blur, places and shapes stay
_ALIKE = 0.7  # correlation; measured: a scene and its painting 0.9 and more, two scenes of one film 0.55 at most
_SAME_MEAN = 4.0  # luma, where too little is in a picture to correlate
_LOOKS = 6  # a second, at which a scene that is not in its place is looked for

_Cells = npt.NDArray[np.float32]


class Scenes:
    """Sees the frames at the planned middle of each scene, and some in between, to find scenes that moved.

    Where only some `parts` of the film are seen, it judges the scenes whose middle lies in one.
    """

    def __init__(self, timeline: Timeline, painted: Painted, parts: Sequence[range] = ()) -> None:
        self._timeline, self._painted, self._parts = timeline, painted, parts
        short = min(timeline.size.width, timeline.size.height)
        across, down = (_even(side * _SHORT / short) for side in (timeline.size.width, timeline.size.height))
        self._size = Size(width=across, height=down)
        self._above = int(caption_box(self._size, timeline.platform).y) // _CELL
        self._middles = {scene: start + frames // 2 for scene, start, frames in timeline.scenes}
        self._wanted = frozenset(self._middles.values())
        self._stride = max(1, timeline.fps // _LOOKS)
        self._seen: dict[int, _Cells] = {}

    def see(self, number: int, luma: Plane) -> None:
        """Keep the frame in small, where it may be asked for."""
        if number in self._wanted or number % self._stride == 0:
            self._seen[number] = self._cells(luma)

    def findings(self) -> Iterator[Finding]:
        """Scenes that show nowhere, and those that do not show in their place."""
        for scene, start, frames in self._timeline.scenes:
            middle = self._middles[scene]
            if self._parts and not any(middle in part for part in self._parts):
                continue
            meant = self._reference(scene, frames // 2)
            if middle in self._seen and _alike(self._seen[middle], meant):
                continue
            elsewhere = next((at for at, cells in self._seen.items() if _alike(cells, meant)), None)
            if elsewhere is None:
                detail = f"Scene {scene} does not show what it was drawn with."
                yield found(self._timeline, "missing_scene", detail, start, frames)
            else:
                moment = elsewhere / self._timeline.fps
                detail = f"Scene {scene} does not show in its place, but about {moment:.1f} s."
                yield found(self._timeline, "scene_order", detail, start, frames)

    def _reference(self, scene: str, frame: int) -> _Cells:
        source = self._painted(scene, self._size)
        try:
            plane = source.frame(frame)[: self._size.width * self._size.height]
            return self._cells(plane.reshape(self._size.height, self._size.width))
        finally:
            source.close()

    def _cells(self, luma: Plane) -> _Cells:
        """What is above the captions, in cells."""
        small = cv2.resize(luma, (self._size.width // _CELL, self._size.height // _CELL), interpolation=cv2.INTER_AREA)
        return np.asarray(small[: self._above], dtype=np.float32)


def _alike(one: _Cells, other: _Cells) -> bool:
    if float(np.abs(one - other).mean()) <= _SAME_MEAN:
        return True
    a, b = one - one.mean(), other - other.mean()
    scale = float(np.sqrt(np.square(a).sum() * np.square(b).sum()))
    return scale > 0 and float((a * b).sum()) >= _ALIKE * scale


def _even(value: float) -> int:
    return round(value / 2) * 2
