"""A look-ahead limiter that knows true peaks: nothing between the samples gets over its ceiling."""

import numpy as np
from numpy.typing import NDArray

from common.media.loudness import peaks
from common.media.wave import Samples

_BLOCK = 16  # samples that share one value of the gain before it is smoothed
_LOOK = 0.005  # seconds the gain takes to come down before a peak
_RECOVERY = 60.0  # dB a second that it recovers afterwards
_PIECE = 1 << 18  # samples changed at once

Levels = NDArray[np.float64]


def limit(samples: Samples, rate: int, ceiling_db: float) -> None:
    """Bring samples (n,) or (n, channels), in place, under a true peak of `ceiling_db` (within 0.1 dB).

    All channels share one gain, so the picture of the stage does not move.
    """
    ceiling = np.float32(10 ** (ceiling_db / 20))
    gain = 20 * np.log10(_needed(samples, ceiling))
    if gain.min() >= 0:
        return
    look, recovered = max(1, int(_LOOK * rate / _BLOCK)), _RECOVERY * _BLOCK / rate * np.arange(len(gain))
    # Down as early as the smoothing needs, then up again no faster than it may recover.
    gain = np.minimum.accumulate(_lowest(gain, look + 1, 1) - recovered) + recovered
    gain = 10 ** (np.minimum(_average(gain, look), 0) / 20)
    centres = np.arange(len(gain)) * _BLOCK + _BLOCK / 2
    for at in range(0, len(samples), _PIECE):
        piece = samples[at : at + _PIECE]
        curve = np.interp(np.arange(at, at + len(piece)), centres, gain).astype(np.float32)
        piece *= curve if samples.ndim == 1 else curve[:, None]


def _needed(samples: Samples, ceiling: np.float32) -> Levels:
    """The gain that every block needs on its own; at least one block."""
    gain = np.ones(max(1, -(-len(samples) // _BLOCK)))
    for at, piece in peaks(samples):
        whole = np.pad(piece, (0, -len(piece) % _BLOCK)).reshape(-1, _BLOCK).max(axis=1)
        first = at // _BLOCK
        gain[first : first + len(whole)] = np.minimum(1, ceiling / np.maximum(whole, ceiling))
    return gain


def _lowest(values: Levels, before: int, after: int) -> Levels:
    """The lowest of each value's surroundings: `before` places to come and `after` places gone by."""
    count = before + after + 1
    lowest = np.pad(values, (after, before))
    width = 1
    while width < count:  # windows double until they cover the span; overlaps do not matter to a minimum
        step = min(width, count - width)
        lowest = np.minimum(lowest[:-step], lowest[step:])
        width += step
    return lowest


def _average(values: Levels, width: int) -> Levels:
    """The mean of each value and the `width` - 1 before it."""
    sums = np.cumsum(np.concatenate([np.full(width, values[0]), values]))
    return np.asarray((sums[width:] - sums[:-width]) / width)
