"""How loud sound is, by ITU-R BS.1770: integrated loudness and true peak of samples in memory."""

import functools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from common.media.wave import Samples

SILENCE = -70.0  # LUFS at and below which nothing counts as sound
OVERSAMPLING = 4  # of the true peak

_MARGIN = 1 << 12  # samples around a piece; the filters have died away within it
# Samples worked on at once: memory stays small however long the sound is, and with both margins they are a power of
# two, which a Fourier transform takes half the time for.
_PIECE = (1 << 16) - 2 * _MARGIN


def integrated(samples: Samples, rate: int) -> float:
    """Integrated loudness in LUFS of samples (n,) or (n, channels); SILENCE when there is nothing above the gate.

    Sound shorter than one gating block (0.4 s) is measured as if silence followed.
    """
    blocks = _blocks(samples, rate)
    loud = blocks[blocks > _energy(SILENCE)]
    if not len(loud):
        return SILENCE
    loud = loud[loud > loud.mean() * 0.1]  # the relative gate, 10 LU under the mean of what passed the absolute one
    return max(SILENCE, _lufs(float(loud.mean())))


def momentary(samples: Samples, rate: int) -> float:
    """Loudness in LUFS of the loudest 0.4 s; SILENCE when there is none."""
    return max(SILENCE, _lufs(float(_blocks(samples, rate).max())))


def true_peak(samples: Samples) -> float:
    """Highest level between and on the samples, in dBTP, by fourfold oversampling; -200 for silence."""
    highest = max((float(piece.max()) for _, piece in peaks(samples)), default=0.0)
    return 20 * float(np.log10(max(highest, 1e-10)))


def peaks(samples: Samples) -> Iterator[tuple[int, Samples]]:
    """Yield (first sample, per-sample true peak over all channels) in pieces that cover the sound in order."""
    for at, inner, piece in _pieces(samples):
        highest = np.zeros(inner.stop - inner.start, np.float32)
        for channel in piece:
            spectrum = np.fft.rfft(channel)
            spectrum[-1] *= 0.5  # the Nyquist bin splits in two on the longer grid
            fine = np.fft.irfft(spectrum, len(channel) * OVERSAMPLING)
            np.abs(fine, out=fine)
            for phase in range(OVERSAMPLING):
                np.maximum(highest, fine[phase::OVERSAMPLING][inner] * OVERSAMPLING, out=highest)
        yield at, highest


def _blocks(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Mean square of every gating block: 0.4 s, one each 0.1 s; at least one."""
    hops = _hop_energies(samples, rate)
    if len(hops) < 4:
        hops = np.pad(hops, (0, 4 - len(hops)))
    sums = np.concatenate([[0.0], np.cumsum(hops)])
    return np.asarray(sums[4:] - sums[:-4]) / 4


def _hop_energies(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Mean square of the K-weighted sound, summed over channels, for every full tenth of a second."""
    hop = rate // 10
    squares = np.zeros(-(-len(samples) // hop) if len(samples) else 0)
    for at, inner, piece in _pieces(samples):
        power = np.zeros(inner.stop - inner.start)
        for channel in piece:
            weighted = np.fft.irfft(np.fft.rfft(channel) * _weighting(len(channel), rate), len(channel))
            power += np.square(weighted[inner], dtype=np.float64)
        first, last = at // hop, (at + len(power) - 1) // hop
        edges = np.maximum(0, np.arange(first, last + 1) * hop - at)
        squares[first : last + 1] += np.add.reduceat(power, edges)
    full = len(samples) // hop
    return (squares[:full] if full >= 4 else squares) / hop


def _pieces(samples: Samples) -> Iterator[tuple[int, slice, Samples]]:
    """Yield (first sample, where it lies inside, piece by channel with margins), zero-padded to one even length."""
    columns = samples if samples.ndim == 2 else samples[:, None]
    for at in range(0, len(columns), _PIECE):
        count = min(_PIECE, len(columns) - at)
        piece = np.zeros((columns.shape[1], _PIECE + 2 * _MARGIN), np.float32)
        before = min(at, _MARGIN)
        after = min(len(columns) - at - count, _MARGIN)
        piece[:, _MARGIN - before : _MARGIN + count + after] = columns[at - before : at + count + after].T
        yield at, slice(_MARGIN, _MARGIN + count), piece


@functools.lru_cache(maxsize=4)
def _weighting(width: int, rate: int) -> NDArray[np.complex64]:
    """The frequency response of the K filter: a high shelf for the head, then a high pass."""
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(width))
    return (_shelf(z, rate) * _high_pass(z, rate)).astype(np.complex64)


def _shelf(z: NDArray[np.complex128], rate: int) -> NDArray[np.complex128]:
    k, q, gain = np.tan(np.pi * 1681.974450955533 / rate), 0.7071752369554196, 3.999843853973347
    high = 10 ** (gain / 20)
    band = high**0.4996667741545416
    b = (high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k)
    return _biquad(z, b, (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k))


def _high_pass(z: NDArray[np.complex128], rate: int) -> NDArray[np.complex128]:
    k, q = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    a0 = 1 + k / q + k * k
    # The standard gives this stage an unnormalised numerator 1, -2, 1.
    return _biquad(z, (a0, -2 * a0, a0), (a0, 2 * (k * k - 1), 1 - k / q + k * k))


def _biquad(
    z: NDArray[np.complex128], b: tuple[float, float, float], a: tuple[float, float, float]
) -> NDArray[np.complex128]:
    response: NDArray[np.complex128] = (b[0] + b[1] * z + b[2] * z * z) / (a[0] + a[1] * z + a[2] * z * z)
    return response


def _energy(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


def _lufs(energy: float) -> float:
    return -0.691 + 10 * float(np.log10(max(energy, 1e-12)))
