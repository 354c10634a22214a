"""A look-ahead limiter that knows true peaks: nothing between the samples gets over its ceiling."""

import numpy as np

from common.media.loudness import peaks
from common.media.wave import Samples

_LOOK = 0.004  # seconds the gain takes to come down before a peak and to go up after it
_RELEASE = 0.060  # seconds over which it then recovers, smoothly


def limit(samples: Samples, rate: int, ceiling_db: float) -> None:
    """Bring samples (n,) or (n, channels), in place, under a true peak of `ceiling_db` (within 0.1 dB).

    All channels share one gain, so the picture of the stage does not move.
    """
    ceiling = 10 ** (ceiling_db / 20)
    gain = np.ones(len(samples), np.float32)
    touched = False
    for at, piece in peaks(samples):
        over = piece > ceiling
        if over.any():
            touched = True
            gain[at : at + len(piece)][over] = ceiling / piece[over]
    if not touched:
        return
    look, release = max(1, int(_LOOK * rate)), max(1, int(_RELEASE * rate))
    gain = _lowest(gain, look, look + release)  # reached early and held late, so that the averages stay under it
    gain = _average(gain, release, ahead=0)
    gain = _average(_lowest(gain, look, 0), look, ahead=look)
    samples *= gain if samples.ndim == 1 else gain[:, None]


def _lowest(values: Samples, before: int, after: int) -> Samples:
    """The lowest of each value's surroundings: `before` places to come and `after` places gone by."""
    count = before + after + 1
    lowest = np.concatenate([np.ones(after, np.float32), values, np.ones(before, np.float32)])
    width = 1
    while width < count:  # windows double until they cover the span; overlaps do not matter to a minimum
        step = min(width, count - width)
        lowest = np.minimum(lowest[:-step], lowest[step:])
        width += step
    return lowest


def _average(values: Samples, width: int, ahead: int) -> Samples:
    """The mean of the `width` values that end `ahead` places in the future."""
    edge = np.concatenate([np.full(width, values[0]), values, np.full(ahead + 1, values[-1])])
    sums = np.cumsum(edge, dtype=np.float64)
    start = ahead
    return ((sums[start + width : start + width + len(values)] - sums[start : start + len(values)]) / width).astype(
        np.float32
    )
