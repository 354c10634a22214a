"""The players: each makes one note as samples. Dark by design, for a voice speaks over them."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from common.providers.music.port import RATE

Sound = NDArray[np.float32]  # (n,) mono or (2, n) stereo

_TABLE = 4096


def pad(pitch: float, seconds: float, bright: float, chance: np.random.Generator) -> Sound:
    """A slow chord tone in stereo: two choruses of soft harmonics, swelling in and out; rings on past its length."""
    rise, fall = min(1.2, seconds * 0.35), min(1.6, seconds * 0.6)
    count = int((seconds + fall) * RATE)
    table = _cycle([1 / n ** (1.9 - 0.5 * bright) for n in range(1, 9)], frequency(pitch), 1100 + 1200 * bright)
    turn = np.arange(count, dtype=np.float64) / RATE
    envelope = _swell(count, rise, fall)
    channels = []
    for cents in (-4.0, 4.5):
        wobble = 1.0 + 0.08 * np.sin(2 * np.pi * (0.11 + 0.07 * chance.random()) * turn + 6.3 * chance.random())
        tone = np.zeros(count, np.float32)
        for detune in (cents, -cents * 0.6):
            cycles = turn * (frequency(pitch + detune / 100) * _TABLE) + _TABLE * chance.random()
            tone += table[cycles.astype(np.int64) % _TABLE]
        channels.append(tone * (envelope * wobble).astype(np.float32))
    return np.stack(channels) * np.float32(0.05)


def bass(pitch: float, seconds: float) -> Sound:
    """A round low note: a sine with a little of its octave and twelfth, so that small speakers carry it too."""
    count = int((seconds + 0.12) * RATE)
    time = np.arange(count) / RATE
    phase = 2 * np.pi * frequency(pitch) * time
    tone = np.sin(phase) + 0.35 * np.sin(2 * phase) * np.exp(-time * 2) + 0.12 * np.sin(3 * phase) * np.exp(-time * 4)
    return (tone * _swell(count, 0.012, 0.12) * np.exp(-time * 0.9) * 0.20).astype(np.float32)


def pluck(pitch: float, kind: Literal["felt", "marimba", "glass"]) -> Sound:
    """A struck note that dies away: felt piano, marimba or glass."""
    base = frequency(pitch)
    count = int({"felt": 2.4, "marimba": 1.1, "glass": 1.8}[kind] * RATE)
    time = np.arange(count) / RATE
    phase = 2 * np.pi * base * time
    if kind == "felt":
        tone = sum(
            _soft(base * n) / n**1.9 * np.sin(n * phase * (1 + 0.0003 * n)) * np.exp(-time * (1.3 + 0.9 * n))
            for n in range(1, 7)
        )
    elif kind == "marimba":
        tone = np.sin(phase) * np.exp(-time * 5) + 0.22 * _soft(base * 3.9) * np.sin(3.93 * phase) * np.exp(-time * 16)
    else:
        depth = 0.9 * np.exp(-time * 5)
        tone = np.sin(phase + depth * np.sin(2 * phase)) * np.exp(-time * 2.4)
    return np.asarray(tone * _swell(count, 0.006, 0.3) * 0.26, np.float32)


def kick(pitch: float, seconds: float) -> Sound:
    """A soft drum: a low tone that falls into place."""
    count = int((seconds + 0.1) * RATE)
    time = np.arange(count) / RATE
    base = frequency(pitch - 12)
    phase = 2 * np.pi * (base * time + base * 1.4 * (1 - np.exp(-time * 28)) / 28)
    return (np.sin(phase) * np.exp(-time * 4.2 / seconds) * _swell(count, 0.004, 0.08) * 0.42).astype(np.float32)


def hat(chance: np.random.Generator) -> Sound:
    """A shaker: a breath of high noise, without hiss above 9 kHz."""
    return _noise(0.09, 4500, 9000, 38, 0.004, chance) * np.float32(0.24)


def snap(chance: np.random.Generator) -> Sound:
    """A finger snap, mellow."""
    return _noise(0.16, 900, 2600, 26, 0.002, chance) * np.float32(0.30)


def frequency(pitch: float) -> float:
    """Hz of a MIDI number."""
    return float(440.0 * 2 ** ((pitch - 69) / 12))


def _noise(seconds: float, low: float, high: float, decay: float, rise: float, chance: np.random.Generator) -> Sound:
    count = int(seconds * RATE)
    spectrum = np.fft.rfft(chance.standard_normal(count))
    at = np.fft.rfftfreq(count, 1 / RATE)
    spectrum *= 1 / (1 + (low / np.maximum(at, 1)) ** 4) / (1 + (at / high) ** 6)
    noise = np.fft.irfft(spectrum, count)
    noise /= np.abs(noise).max()
    time = np.arange(count) / RATE
    return (noise * np.exp(-time * decay) * _swell(count, rise, 0.02)).astype(np.float32)


def _cycle(harmonics: list[float], base: float, corner: float) -> Sound:
    """One period of a wave whose harmonics fade above a corner frequency."""
    angle = 2 * np.pi * np.arange(_TABLE) / _TABLE
    wave = sum(
        level * _soft(base * n) / (1 + (base * n / corner) ** 2) * np.sin(n * angle)
        for n, level in enumerate(harmonics, 1)
    )
    return np.asarray(wave, np.float32)


def _soft(hertz: float) -> float:
    """Gain that leaves the range of consonants, around 2.5 kHz, to the voice."""
    return float(1 - 0.55 * np.exp(-((np.log2(max(hertz, 20) / 2500)) ** 2)))


def _swell(count: int, rise: float, fall: float) -> NDArray[np.float64]:
    """An envelope that comes from zero and returns to it, without a corner."""
    envelope = np.ones(count)
    up, down = min(count, int(rise * RATE)), min(count, int(fall * RATE))
    envelope[:up] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(up) / max(1, up))
    envelope[count - down :] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(1, down + 1) / max(1, down))
    return envelope
