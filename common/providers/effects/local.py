"""Sound effects from noise and oscillators: quiet accents that never cover a word."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from common.media.limiter import limit
from common.media.loudness import SILENCE, momentary
from common.media.wave import Samples, write
from common.providers.effects.port import RATE, Cue, Kind

LEVELS: dict[Kind, float] = {  # LUFS of the loudest 0.4 s, four and more under a voice at -20
    "whoosh": -25.0,
    "riser": -27.0,
    "impact": -24.0,
    "click": -30.0,
    "pop": -27.0,
    "shimmer": -28.0,
}
CEILING = -6.0  # dBTP

_Chance = np.random.Generator


class LocalEffects:
    """Every accent is made fresh from the seed and its place, so that no two whooshes are the same."""

    name = "local-effects"
    version = "1"
    quality = 0.65
    paid = False

    def design(self, cues: Sequence[Cue], seconds: float, seed: int) -> bytes:
        """Make and place the cues; see the port."""
        track = np.zeros((round(seconds * RATE), 2), np.float32)
        for index, cue in enumerate(cues):
            make, mark = _MAKERS[cue.kind]
            sound = make(np.random.default_rng([seed, index]))
            loudness = momentary(sound, RATE)
            if loudness > SILENCE:
                sound *= np.float32(10 ** ((LEVELS[cue.kind] - loudness) / 20))
            _place(track, sound, round(cue.at * RATE) - round(mark * RATE))
        limit(track, RATE, CEILING)
        return write(track, RATE)


def _place(track: Samples, sound: Samples, at: int) -> None:
    first, last = max(0, -at), min(len(sound), len(track) - at)
    if first < last:
        piece = sound[first:last].copy()
        edge = min(len(piece) // 2, RATE // 100)  # what is cut at the start or end of the film must not click
        ramp = np.linspace(0, 1, edge, dtype=np.float32)[:, None]
        if first:
            piece[:edge] *= ramp
        if last < len(sound):
            piece[len(piece) - edge :] *= ramp[::-1]
        track[at + first : at + last] += piece


def _whoosh(chance: _Chance) -> Samples:
    """Air that passes from one side to the other; loudest at 0.35 s."""
    time = _time(0.8)
    near = np.exp(-(((time - 0.35) / 0.13) ** 2))
    low, high = (_noise(len(time), corner, corner * 2.2, chance) for corner in (350, 1100))
    sound = (low * (0.5 + 0.5 * (1 - near)) + high * near * 0.6) * near
    side = 1 if chance.random() < 0.5 else -1
    return _stereo(sound * _edges(time), side * np.clip((time - 0.35) / 0.35, -1, 1) * 0.8)


def _riser(chance: _Chance) -> Samples:
    """Air and a tone that climb for 1.4 s and stop."""
    time = _time(1.5)
    climb = np.clip(time / 1.4, 0, 1)
    phase = 2 * np.pi * np.cumsum(180 * 2 ** (1.6 * climb)) / RATE
    tone = 0.35 * np.sin(phase) + 0.2 * np.sin(phase * 1.005)
    sound = (_noise(len(time), 500, 2500, chance) * climb + tone) * climb**2.2
    return _stereo(sound * _edges(time, fall=0.09), 0.3 * np.sin(2 * np.pi * 1.2 * time))


def _impact(chance: _Chance) -> Samples:
    """A deep, soft hit with a breath of room behind it."""
    time = _time(1.6)
    phase = 2 * np.pi * (46 * time + 60 * (1 - np.exp(-time * 22)) / 22)
    body = np.sin(phase) * np.exp(-time * 3.2) + 0.3 * np.sin(2 * phase) * np.exp(-time * 6)
    air = _noise(len(time), 200, 1200, chance) * (np.exp(-time * 14) * 0.35 + np.exp(-time * 3.5) * 0.06)
    return _stereo((body + air) * _edges(time, fall=0.5), 0.15 * np.sin(2 * np.pi * 0.7 * time))


def _click(chance: _Chance) -> Samples:
    """A small, dry tick."""
    time = _time(0.12)
    sound = np.sin(2 * np.pi * 1350 * time) * np.exp(-time * 90) + _noise(len(time), 1500, 4000, chance) * np.exp(
        -time * 160
    )
    return _stereo(sound * _edges(time, rise=0.001), np.zeros(len(time)))


def _pop(chance: _Chance) -> Samples:
    """A drop that jumps up: friendly, short."""
    time = _time(0.22)
    base = 330 * 2 ** (chance.integers(0, 3) / 12)
    phase = 2 * np.pi * np.cumsum(base * (1 + 0.9 * np.clip(time / 0.07, 0, 1))) / RATE
    return _stereo(np.sin(phase) * np.exp(-time * 22) * _edges(time), np.zeros(len(time)))


def _shimmer(chance: _Chance) -> Samples:
    """High bells, one after the other, that fade."""
    time = _time(2.0)
    left = np.zeros(len(time))
    right = np.zeros(len(time))
    for place, step in enumerate((0, 7, 12, 16, 19)):
        since = np.clip(time - place * 0.085, 0, None)
        phase = 2 * np.pi * 587.33 * 2 ** (step / 12) * since
        bell = np.sin(phase + 0.7 * np.exp(-since * 6) * np.sin(2.76 * phase)) * np.exp(-since * 3.2)
        bell *= np.clip(since / 0.006, 0, 1) / (1 + place * 0.25)
        pan = 0.6 * (1 if place % 2 else -1) * chance.random()
        left += bell * (1 - pan)
        right += bell * (1 + pan)
    return np.stack([left, right], axis=1).astype(np.float32) * _edges(time, fall=0.6).astype(np.float32)[:, None]


# Who makes a kind, and at how many seconds into its sound the marked moment lies.
_MAKERS: dict[Kind, tuple[Callable[[_Chance], Samples], float]] = {
    "whoosh": (_whoosh, 0.35),
    "riser": (_riser, 1.41),
    "impact": (_impact, 0.0),
    "click": (_click, 0.0),
    "pop": (_pop, 0.0),
    "shimmer": (_shimmer, 0.0),
}


def _time(seconds: float) -> NDArray[np.float64]:
    return np.arange(int(seconds * RATE)) / RATE


def _noise(count: int, low: float, high: float, chance: _Chance) -> NDArray[np.float64]:
    """Noise between two frequencies, of unit level."""
    at = np.fft.rfftfreq(count, 1 / RATE)
    shape = 1 / (1 + (low / np.maximum(at, 1)) ** 4) / (1 + (at / high) ** 4)
    noise = np.fft.irfft(np.fft.rfft(chance.standard_normal(count)) * shape, count)
    return np.asarray(noise / np.sqrt(np.mean(np.square(noise))))


def _edges(time: NDArray[np.float64], rise: float = 0.004, fall: float = 0.03) -> NDArray[np.float64]:
    """A gain that is zero at both ends."""
    up, down = np.clip(time / rise, 0, 1), np.clip((time[-1] - time) / fall, 0, 1)
    return np.asarray((0.5 - 0.5 * np.cos(np.pi * up)) * (0.5 - 0.5 * np.cos(np.pi * down)))


def _stereo(sound: NDArray[np.float64], pan: NDArray[np.float64]) -> Samples:
    """Two channels of equal power in sum; pan -1 is left."""
    return np.stack([sound * np.sqrt(0.5 * (1 - pan)), sound * np.sqrt(0.5 * (1 + pan))], axis=1).astype(np.float32)
