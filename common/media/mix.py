"""Voices, music and effects put together and mastered: the whole sound of a film, exactly as long as its picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from common.media.ducking import HOP, duck
from common.media.limiter import limit
from common.media.loudness import SILENCE, integrated
from common.media.wave import LOUDEST, Samples, counts, read, resample, write

RATE = 48_000
TARGET_LUFS = -14.0
CEILING_DBTP = -1.8  # the encoder adds some tenths of a decibel, and the film must stay under -1

_VOICE = -20.0  # LUFS of every narration in the mix; mastering lifts all of it together
_LARGEST = 15.0  # dB that a narration or the music is raised at most
_FADE_OUT = 2.5  # seconds in which the music leaves
_CROSSFADE = 2.0  # seconds where music that is too short begins again
_CLOSE = 0.05  # LU from the target that is close enough
_ROUNDS = 8
_PIECE = 1 << 18  # samples worked on at once


@dataclass(frozen=True)
class Placed:
    """A narration as WAV bytes, and the second of the film at which it starts."""

    start: float
    wav: bytes


def mix(voices: Sequence[Placed], music: bytes | None, effects: bytes | None, seconds: float) -> bytes:
    """The mastered sound of a film as WAV bytes: stereo, 48 kHz, 16 bit, exactly `seconds` long.

    Narrations are brought to one level, music gives way to them and fades out at the end, effects stay as they are.
    The whole lies at -14 LUFS (within 0.3) with a true peak under -1.5 dBTP, unless it is silent
    throughout, or nothing but a click that cannot be so loud.
    Equal arguments give equal bytes. Raises ValueError when something given is no 16-bit PCM WAV.
    """
    total = round(seconds * RATE)
    voice = _voices(voices, total)
    film = _music(music, total) if music else np.zeros((total, 2), np.float32)
    if music:
        _give_way(film, voice)
    if effects:
        _add(film, effects)
    film += voice[:, None]
    del voice
    master(film)
    return write(film, RATE)


def master(film: Samples, ceiling: float = CEILING_DBTP) -> None:
    """Bring a film's sound (n, 2), in place, to the target loudness under a ceiling; silence stays silence."""
    for _ in range(_ROUNDS):  # what the limiter takes away is given back until nothing is missing
        loudness = integrated(film, RATE)
        if loudness <= SILENCE:
            return
        missing = TARGET_LUFS - loudness
        film *= np.float32(10 ** (missing / 20))
        limit(film, RATE, ceiling)
        if abs(missing) < _CLOSE:
            return


def remastered(wav: bytes, ceiling: float) -> bytes:
    """A mastered sound once more, under a lower ceiling (dBTP): as loud as before, its peaks flatter."""
    film, rate = read(wav)
    master(film, ceiling)
    return write(film, rate)


def _voices(voices: Sequence[Placed], total: int) -> Samples:
    bus = np.zeros(total, np.float32)
    for placed in voices:
        samples, rate = read(placed.wav)
        mono = resample(np.ascontiguousarray(samples.mean(axis=1)), rate, RATE)
        loudness = integrated(mono, RATE)
        if loudness <= SILENCE:
            continue
        mono *= np.float32(10 ** (min(_LARGEST, _VOICE - loudness) / 20))
        at = max(0, round(placed.start * RATE))
        piece = mono[: max(0, total - at)]
        bus[at : at + len(piece)] += piece
    return bus


def _music(wav: bytes, total: int) -> Samples:
    """Music at the voice's level (ducking then lowers it), as long as the film: cut, or begun again where too short."""
    samples = _stereo(wav)
    loudness = integrated(samples, RATE)
    if loudness > SILENCE:
        samples *= np.float32(10 ** (min(_LARGEST, _VOICE - loudness) / 20))
    if len(samples) >= total:
        return samples[:total]
    film = np.zeros((total, 2), np.float32)
    overlap = min(int(_CROSSFADE * RATE), len(samples) // 2)
    ramp = np.linspace(0, 1, overlap, dtype=np.float32)[:, None]
    at = 0
    while at < total and len(samples) > 1:
        piece = samples.copy()
        if at:
            piece[:overlap] *= ramp
        if at + len(piece) < total:
            piece[len(piece) - overlap :] *= ramp[::-1]
        piece = piece[: total - at]
        film[at : at + len(piece)] += piece
        at += len(samples) - overlap
    return film


def _give_way(film: Samples, voice: Samples) -> None:
    """Duck music, in place, under the voice, and fade it out at the end; alone, it keeps its level."""
    curve = duck(voice, RATE) if voice.any() else np.zeros(1, np.float32)
    centres = (np.arange(len(curve)) + 0.5) * HOP * RATE
    total = len(film)
    fade = min(total // 3, int(_FADE_OUT * RATE))
    for at in range(0, total, _PIECE):
        places = np.arange(at, min(total, at + _PIECE))
        gain = 10 ** (np.interp(places, centres, curve) / 20)
        gain *= 0.5 - 0.5 * np.cos(np.pi * np.clip((total - places) / max(1, fade), 0, 1))
        film[at : at + len(places)] *= gain.astype(np.float32)[:, None]


def _add(film: Samples, wav: bytes) -> None:
    """Add a track to a film, in place."""
    stored, rate = counts(wav)
    if rate != RATE:
        sound = _stereo(wav)[: len(film)]
        film[: len(sound)] += sound
        return
    for at in range(0, min(len(film), len(stored)), _PIECE):
        piece = stored[at : min(len(film), at + _PIECE)].astype(np.float32)
        piece *= 1.0 / LOUDEST
        film[at : at + len(piece)] += piece if piece.shape[1] == 2 else piece.mean(axis=1, keepdims=True)


def _stereo(wav: bytes) -> Samples:
    samples, rate = read(wav)
    if samples.shape[1] != 2:
        samples = np.repeat(samples.mean(axis=1, keepdims=True), 2, axis=1)
    if rate != RATE:
        samples = np.stack([resample(np.ascontiguousarray(side), rate, RATE) for side in samples.T], axis=1)
    return samples
