"""What is wrong with the picture: black or frozen stretches."""

from collections.abc import Iterator

import cv2
import numpy as np

from common.domain.findings import Finding
from common.media.checks.watch import Plane, found
from common.media.layout import caption_box
from common.media.timeline import Timeline

_CELL = 8  # pixels whose mean is one cell of the small picture that is looked at
_BLACK_LUMA, _BLACK_SHARE = 24, 0.998
FREEZE_SECONDS = 2.0
_SAME_CELL, _SAME_MEAN = 2, 0.25  # differences that compression alone makes


class Picture:
    """Sees the picture above the captions, which show and move over a black or frozen one, too."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._above = max(1, int(caption_box(timeline.size, timeline.platform).y) // _CELL)
        self._black: list[int] = []
        self._frozen: list[tuple[int, int]] = []
        self._reference: Plane | None = None
        self._still_since = 0
        self._frames = 0

    def see(self, number: int, luma: Plane) -> None:
        """Note whether the frame is black, or the same as before."""
        rows, columns = luma.shape
        small = cv2.resize(luma, (max(1, columns // _CELL), max(1, rows // _CELL)), interpolation=cv2.INTER_AREA)
        picture = np.asarray(small[: self._above], dtype=np.uint8)
        if np.count_nonzero(picture <= _BLACK_LUMA) >= _BLACK_SHARE * picture.size:
            self._black.append(number)
        if number != self._frames:
            self._moved(self._frames)
            self._still_since, self._reference = number, picture
        elif self._reference is None or not _same(self._reference, picture):
            self._moved(number)
            self._reference = picture
        self._frames = number + 1

    def findings(self) -> Iterator[Finding]:
        """Black and frozen stretches, but for those that the plan or a clip of the user's asks for."""
        self._moved(self._frames)
        line = self._timeline
        expected = [range(first, end) for first, end in line.fades()]
        expected += [range(start, start + frames) for scene, start, frames in line.scenes if scene in line.footage]
        black = [n for n in self._black if not any(n in stretch for stretch in expected)]
        for run in _runs(black):
            yield found(line, "black", "The picture is black.", run.start, len(run))
        for first, end in self._frozen:
            for scene, from_, to in _scenes_within(line, first, end):
                if scene not in (*line.stills, *line.footage) and to - from_ >= FREEZE_SECONDS * line.fps:
                    yield found(line, "freeze", "The picture does not move.", from_, to - from_)

    def _moved(self, number: int) -> None:
        """The stretch of equal frames that ends before this one."""
        if number - self._still_since >= FREEZE_SECONDS * self._timeline.fps:
            self._frozen.append((self._still_since, number))
        self._still_since = number


def _same(one: Plane, other: Plane) -> bool:
    apart = cv2.absdiff(one, other)
    return int(apart.max()) <= _SAME_CELL and float(apart.mean()) <= _SAME_MEAN


def _runs(numbers: list[int]) -> Iterator[range]:
    """Unbroken runs of ascending numbers."""
    start = 0
    for index in range(1, len(numbers) + 1):
        if index == len(numbers) or numbers[index] != numbers[index - 1] + 1:
            yield range(numbers[start], numbers[index - 1] + 1)
            start = index


def _scenes_within(timeline: Timeline, first: int, end: int) -> Iterator[tuple[str, int, int]]:
    """The part of a stretch that lies in each scene."""
    for scene, start, frames in timeline.scenes:
        if start < end and start + frames > first:
            yield scene, max(first, start), min(end, start + frames)
