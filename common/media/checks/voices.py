"""Whether every voice is heard where its scene is seen: its own sound, looked for in the film's."""

from collections.abc import Iterator, Mapping

import numpy as np

from common.domain.findings import Finding
from common.domain.pacing import LEAD_IN
from common.media.timeline import Timeline
from common.media.wave import Samples, read, resample

ALLOWED_SECONDS = 0.08
_RATE = 8000
_FARTHEST_SECONDS = 1.2  # that a voice is looked for before and after its place
_PIECE_SECONDS = 4.0  # a voice is looked for in pieces of so long, so that it may also slip midway
_LEAST_SECONDS = 0.4
_BAND = (150.0, 3400.0)  # hertz, that hold a voice
_DISTINCT = 20.0  # times the spread of all correlations; measured: 110 for the voice itself, 7 at most for another


def check_voices(samples: Samples, rate: int, timeline: Timeline, voices: Mapping[str, bytes]) -> Iterator[Finding]:
    """Of each scene the first place from which its voice is missing or more than 80 ms off.

    `samples` (n, channels) begin with the film; `voices` are the narrations as 16-bit WAV. Generalised
    cross-correlation with phase transform (Knapp and Carter 1976): only where in time a sound lies counts, not how
    loud, so that music under it does not matter.
    """
    mono = samples.mean(axis=1)
    for scene, start, _ in timeline.scenes:
        if scene not in voices:
            continue
        voice, own = read(voices[scene])
        begins = start / timeline.fps + LEAD_IN
        for at, piece in _pieces(resample(np.ascontiguousarray(voice.mean(axis=1)), own, _RATE)):
            off = _offset(mono, rate, piece, begins + at)
            if off is None:
                code, detail = "silence", f"The voice of scene {scene} is not heard anywhere near its place."
            elif abs(off) > ALLOWED_SECONDS:
                code = "drift"
                detail = f"The voice of scene {scene} is heard {abs(off):.3f} s {'late' if off > 0 else 'early'}."
            else:
                continue
            yield Finding(code=code, detail=detail, scene=scene, at=begins + at, seconds=len(piece) / _RATE)
            break


def _pieces(voice: Samples) -> Iterator[tuple[float, Samples]]:
    """Equal parts of a voice with the second of it at which each begins."""
    count = max(1, round(len(voice) / _RATE / _PIECE_SECONDS))
    for number, piece in enumerate(np.array_split(voice, count)):
        if len(piece) >= _LEAST_SECONDS * _RATE and piece.any():
            yield number * len(voice) / count / _RATE, piece


def _offset(mono: Samples, rate: int, piece: Samples, planned: float) -> float | None:
    """Seconds by which a piece of voice is heard after its planned second; None where it is not to be made out."""
    first = planned - _FARTHEST_SECONDS
    count = int((len(piece) / _RATE + 2 * _FARTHEST_SECONDS) * rate)
    from_ = round(first * rate)
    heard = np.zeros(count, np.float32)
    there = mono[max(0, from_) : max(0, from_ + count)]
    lead = max(0, -from_)
    heard[lead : lead + len(there)] = there
    around = resample(heard, rate, _RATE)
    length = 1 << (len(around) + len(piece) - 1).bit_length()
    cross = np.fft.rfft(around, length) * np.conj(np.fft.rfft(piece, length))
    hertz = np.fft.rfftfreq(length, 1 / _RATE)
    cross[(hertz < _BAND[0]) | (hertz > _BAND[1])] = 0
    strength = np.abs(cross)
    likely = np.fft.irfft(cross / np.maximum(strength, 1e-9 * max(float(strength.max()), 1e-20)), length)
    places = likely[: round(2 * _FARTHEST_SECONDS * _RATE) + 1]
    best = int(places.argmax())
    if places[best] < _DISTINCT * float(places.std()):
        return None
    return best / _RATE - _FARTHEST_SECONDS
