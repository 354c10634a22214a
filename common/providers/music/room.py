"""The room around the players: a reverb by convolution with decaying noise, at half the rate, block by block."""

import numpy as np
from numpy.typing import NDArray

from common.providers.music.port import RATE

_HALF = RATE // 2
_BLOCK = 1 << 17


def add_room(mix: NDArray[np.float32], seconds: float, level: float, seed: int) -> None:
    """Add the reverberation of a (2, n) mix to it in place; `seconds` until it has died away, `level` its share."""
    left, right = (np.fft.rfft(_echo(seconds, seed + side), _BLOCK) for side in (0, 1))
    count = mix.shape[1] // 2
    tail = int(seconds * _HALF)
    step = _BLOCK - tail
    wet = np.zeros((2, _BLOCK), np.float32)
    dry = np.empty(count, np.float32)
    for at in range(0, count, step):  # what the players give, before anything is added to it
        end = min(count, at + step)
        dry[at:end] = mix[:, 2 * at : 2 * end].reshape(2, -1, 2).sum(axis=(0, 2)) * 0.25
    for at in range(0, count, step):
        piece = np.fft.rfft(dry[at : at + step], _BLOCK)
        wet[0] += np.fft.irfft(piece * left, _BLOCK)
        wet[1] += np.fft.irfft(piece * right, _BLOCK)
        take = min(step, count - at)
        for side in (0, 1):
            following = np.append(wet[side, 1:take], wet[side, min(take, _BLOCK - 1)])
            place = mix[side, 2 * at : 2 * (at + take)]
            place[0::2] += level * wet[side, :take]
            place[1::2] += level * 0.5 * (wet[side, :take] + following)
        wet[:, :tail] = wet[:, step:]
        wet[:, tail:] = 0


def _echo(seconds: float, seed: int) -> NDArray[np.float32]:
    chance = np.random.default_rng([seed, 3])
    count = int(seconds * _HALF)
    time = np.arange(count) / _HALF
    noise = chance.standard_normal(count)
    spectrum = np.fft.rfft(noise * np.exp(-6.9 * time / seconds))
    at = np.fft.rfftfreq(count, 1 / _HALF)
    spectrum *= 1 / (1 + (120 / np.maximum(at, 1)) ** 2) / (1 + (at / 2600) ** 2)
    echo = np.fft.irfft(spectrum, count)
    echo *= 1 - np.exp(-time / 0.015)  # the walls answer after the players
    return np.asarray(echo / np.sqrt(np.square(echo).sum()), np.float32)
