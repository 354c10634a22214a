"""Whether the captions stand in the picture, and change when their cues do.

A caption of a sign or two ("I.", "一。") may have too little ink to be told from none, and is not looked for.
"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import pairwise

import cv2
import numpy as np

from common.domain.findings import Finding
from common.media.captions import Cue, width_of
from common.media.checks.watch import Plane, found
from common.media.layout import caption_box
from common.media.timeline import Timeline

_EDGE_STEP, _EDGE_SHARE = 110, 0.001  # letters: steps of luma, as a share of the caption zone
_BRIGHT = 130  # luma of letters, lit or not; no plate is as bright, whatever lies beneath
_LINES = 48  # the zone's height in pixels when its letters are compared
_EM = 0.338  # of the zone's height, that an em takes
_INK = 0.022  # of an em by a tenth of an em of text that is bright
_LEAST = 18  # tenths of an em of letters, three narrow or two wide: of fewer too little is bright
_CHANGED = 0.4  # of a cue's ink that comes or goes when it does
_SIMILAR = 0.8  # cues that differ less change too little to be seen changing
_ALLOWED_SECONDS = 0.1
_FARTHEST_SECONDS = 1.5  # captions that are late by more are not measured, only found


class Lettering:
    """Sees the caption zone of every frame: what is bright in it, and how much of that is new."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        zone = caption_box(timeline.size, timeline.platform)
        self._rows, self._columns = slice(int(zone.y), int(zone.bottom)), slice(int(zone.x), int(zone.right))
        self._size = (max(1, round(zone.width * _LINES / zone.height)), _LINES)
        self._spoken = {(cue.first + cue.end) // 2: cue for cue in timeline.cues if _ink(cue)}
        self._unseen: list[Cue] = []
        self._before, self._last = np.zeros(self._size[::-1], np.bool_), -1
        self._new: dict[int, int] = {}  # bright pixels that came or went, by frame

    def see(self, number: int, luma: Plane) -> None:
        """Note how the zone differs from the frame before, and whether a cue that should show does."""
        zone = luma[self._rows, self._columns]
        bright = cv2.resize(zone, self._size, interpolation=cv2.INTER_AREA) > _BRIGHT
        if number == self._last + 1:
            self._new[number] = int(np.count_nonzero(bright != self._before))
        self._before, self._last = bright, number
        if number in self._spoken and not _has_letters(zone):
            self._unseen.append(self._spoken[number])

    def findings(self) -> Iterator[Finding]:
        """Of each scene how late its captions are, or else the cues that do not show, or else the first out of time."""
        line = self._timeline
        for scene, _, _ in line.scenes if line.captioned else ():
            changes = [(at, ink) for name, at, ink in _changes(line) if name == scene and ink and self._saw(at)]
            missed = [at for at, ink in changes if not self._changes_about(at, ink)]
            unseen = [cue for cue in self._unseen if cue.scene == scene]
            late = self._measured(changes) if missed else None
            if late is not None:
                what = f"The captions of scene {scene} stand {abs(late):.2f} s {'late' if late > 0 else 'early'}."
                yield found(line, "captions", what, missed[0], 1)
            elif unseen:
                for cue in unseen:
                    what = f"The caption {cue.text(' ')!r} does not show."
                    yield found(line, "captions", what, cue.first, cue.end - cue.first)
            elif missed:
                what = f"The caption does not change at {missed[0] / line.fps:.2f} s, when its words are said."
                yield found(line, "captions", what, missed[0], 1)

    def _saw(self, frame: int) -> bool:
        """Whether a change at a frame would have been seen, a little early or late as well."""
        room = round(_ALLOWED_SECONDS * self._timeline.fps)
        about = range(max(0, frame - room), min(frame + room + 1, self._timeline.frames))
        return all(number in self._new for number in about)

    def _changes_about(self, frame: int, ink: float, slack: int | None = None) -> bool:
        room = round(_ALLOWED_SECONDS * self._timeline.fps) if slack is None else slack
        about = (self._new.get(number, 0) for number in range(frame - room, frame + room + 1))
        return max(about) >= _CHANGED * ink

    def _measured(self, changes: list[tuple[int, float]]) -> float | None:
        """Seconds by which all captions of a scene are late; None where most are in time or do not agree."""
        farthest = round(_FARTHEST_SECONDS * self._timeline.fps)
        met = {
            off: sum(self._changes_about(at + off, ink, slack=1) for at, ink in changes)
            for off in range(-farthest, farthest + 1)
        }
        most = max(met.values())
        places = [off for off, many in met.items() if many == most]
        if most < 2 or most < 0.7 * len(changes) or places[-1] - places[0] > 4:
            return None
        seconds = sum(places) / len(places) / self._timeline.fps
        return seconds if abs(seconds) > _ALLOWED_SECONDS else None


def _changes(line: Timeline) -> Iterator[tuple[str, int, float]]:
    """Scene and frame of every planned change, and the bright pixels (in the compared size) that are concerned."""
    if not line.cues:
        return
    yield line.cues[0].scene, line.cues[0].first, _ink(line.cues[0])
    for one, other in pairwise(line.cues):
        if other.first > one.end:
            yield one.scene, one.end, _ink(one)
            yield other.scene, other.first, _ink(other)
        elif SequenceMatcher(None, one.text(), other.text(), autojunk=False).ratio() < _SIMILAR:
            yield other.scene, other.first, max(_ink(one), _ink(other))


def _ink(cue: Cue) -> float:
    """Bright pixels of a cue in the compared size; none where they would be too few."""
    if width_of(re.sub(r"[\W_]", "", cue.text(""))) < _LEAST:
        return 0.0
    em = _EM * _LINES
    return _INK * em * em * width_of(cue.text(""))


def _has_letters(zone: Plane) -> bool:
    """Whether there are steps between bright letters and their dark edge."""
    steps = cv2.morphologyEx(zone, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return bool(np.count_nonzero(steps >= _EDGE_STEP) >= _EDGE_SHARE * steps.size)
