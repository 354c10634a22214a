"""How loud music may be at every moment of a film: low under a voice, a little higher between."""

import numpy as np

from common.media.wave import Samples

UNDER_VOICE, BETWEEN = -20.0, -14.0  # LU relative to the voice

HOP = 0.01  # seconds one value of the curve lasts

_ATTACK, _RELEASE = 0.25, 0.60  # seconds in which the music gives way and comes back
_HOLD = 0.30  # seconds of quiet between words that are still speech
_SPEECH = 10 ** (-48 / 20)  # RMS level above which a voice speaks


def duck(voice: Samples, rate: int) -> Samples:
    """The gain in dB of music under a voice (n,), one value every HOP seconds, from the voice's own envelope.

    The music starts to give way so early that it is down when the first word sounds.
    """
    hop = int(HOP * rate)
    count = max(1, -(-len(voice) // hop))
    levels = np.zeros(count, np.float32)
    whole = len(voice) // hop
    for at in range(0, whole, 4096):  # in pieces: the squares of a long film are never held at once
        block = voice[at * hop : min(whole, at + 4096) * hop].reshape(-1, hop)
        levels[at : at + len(block)] = np.sqrt(np.mean(np.square(block), axis=1))
    speaks = _spread(levels > _SPEECH, before=int(_ATTACK / HOP), after=int(_HOLD / HOP))
    return _followed(np.where(speaks, UNDER_VOICE, BETWEEN))


def _spread(flags: np.ndarray, before: int, after: int) -> np.ndarray:
    """Every flag held for some places before and after itself."""
    edges = np.zeros(len(flags) + 1, np.int64)
    places = np.flatnonzero(flags)
    np.add.at(edges, np.maximum(0, places - before), 1)
    np.add.at(edges, np.minimum(len(flags), places + after + 1), -1)
    return np.asarray(np.cumsum(edges)[:-1] > 0)


def _followed(target: np.ndarray) -> Samples:
    """A target curve as a smooth follower reaches it: within the attack going down, the release going up."""
    down, up = (1 - np.exp(-3 * HOP / span) for span in (_ATTACK, _RELEASE))  # 95 % of the way in that span
    curve = np.empty(len(target), np.float32)
    value = float(target[0])
    for place, wanted in enumerate(target.tolist()):
        value += (wanted - value) * (down if wanted < value else up)
        curve[place] = value
    return curve
