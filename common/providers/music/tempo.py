"""Where beats fall: an even grid that gives way a little from scene to scene, so that the film is cut on its beats."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

GIVE = 0.07  # how much faster or slower than its grid a piece may be between two cuts; more would be heard as a stumble


@dataclass(frozen=True)
class Tempo:
    """`count` beats in `seconds`; `anchors` are numbers of beats with the seconds at which they fall, first to last."""

    count: int
    seconds: float
    anchors: tuple[tuple[int, float], ...]

    @property
    def beat(self) -> float:
        """Seconds of a beat, on the whole."""
        return self.seconds / self.count

    def at(self, beats: float) -> float:
        """The second of any place in the piece, counted in beats."""
        numbers, times = zip(*self.anchors, strict=True)
        return float(np.interp(beats, numbers, times))


def even(count: int, seconds: float) -> Tempo:
    """Beats that are all equally long."""
    return Tempo(count, seconds, ((0, 0.0), (count, seconds)))


def fitted(counts: Sequence[int], seconds: float, cuts: Sequence[float]) -> Tempo:
    """Of some numbers of beats the one that meets most cuts with a beat, then the one that gives way least.

    Among equals the first of `counts` is taken. Cuts that no beat can meet are passed over.
    """
    return max((_fitted(count, seconds, cuts) for count in counts), key=lambda found: found[:2])[2]


def _fitted(count: int, seconds: float, cuts: Sequence[float]) -> tuple[int, float, Tempo]:
    """Cuts met, the strain in negative, and the tempo: the best chain of anchors from the first beat to the last."""
    beat = seconds / count
    chains: list[tuple[int, float, tuple[tuple[int, float], ...]]] = [(0, 0.0, ((0, 0.0),))]
    best = (0, 0.0, even(count, seconds))
    for place in (*_places(count, beat, cuts), (count, seconds)):
        reached = []
        for met, strain, anchors in chains:
            beats, time = place[0] - anchors[-1][0], place[1] - anchors[-1][1]
            if beats > 0 and time > 0 and abs(pull := math.log(time / (beats * beat))) <= math.log1p(GIVE):
                reached.append((met + 1, strain - time * pull**2, (*anchors, place)))
        if not reached:
            continue
        longest = max(reached, key=lambda chain: chain[:2])
        if place[0] == count:
            best = (longest[0] - 1, round(longest[1], 9), Tempo(count, seconds, longest[2]))
        chains.append(longest)
    return best


def _places(count: int, beat: float, cuts: Sequence[float]) -> Iterator[tuple[int, float]]:
    """Each cut with the beats beside it."""
    for cut in sorted(cuts):
        before = math.floor(cut / beat)
        yield from ((number, cut) for number in (before, before + 1) if 0 < number < count)
