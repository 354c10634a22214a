"""Samples and WAV bytes: the one format in which sound travels between engines, mix and encoder."""

import io
import wave

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

LOUDEST = 32767.0  # the stored number of a full-scale sample

_SMOOTH = 2048  # transforms of a multiple of this length stay fast whatever the length of the sound


def write(samples: Samples, rate: int) -> bytes:
    """Encode samples in -1..1, shape (n,) or (n, channels), as 16-bit PCM WAV; louder samples clip.

    Equal samples give equal bytes.
    """
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.setnframes(len(samples))
        for at in range(0, len(samples), 1 << 18):  # in pieces: a long stereo film is never held three times
            piece = np.clip(samples[at : at + (1 << 18)], -1.0, 1.0)
            file.writeframesraw(np.rint(piece * LOUDEST).astype("<i2").tobytes())
    return out.getvalue()


def read(data: bytes) -> tuple[Samples, int]:
    """Decode a 16-bit PCM WAV: samples of shape (n, channels) in -1..1, and the rate in Hz.

    Raises ValueError when the bytes are no such WAV.
    """
    whole, rate = counts(data)
    samples = whole.astype(np.float32)
    samples *= 1.0 / LOUDEST
    return samples, rate


def counts(data: bytes) -> tuple[NDArray[np.int16], int]:
    """Like `read`, but the stored numbers of shape (n, channels) as they are: half the memory, for long films."""
    try:
        with wave.open(io.BytesIO(data), "rb") as file:
            if file.getsampwidth() != 2:
                raise ValueError(f"The WAV has {8 * file.getsampwidth()} bits a sample; give 16-bit PCM.")
            raw = file.readframes(file.getnframes())
            channels, rate = file.getnchannels(), file.getframerate()
    except (wave.Error, EOFError) as error:
        raise ValueError(f"These {len(data)} bytes are no PCM WAV ({error}); give 16-bit PCM.") from error
    return np.frombuffer(raw, "<i2").reshape(-1, channels), rate


def seconds(data: bytes) -> float:
    """How long a WAV lasts; ValueError when the bytes are no WAV."""
    try:
        with wave.open(io.BytesIO(data), "rb") as file:
            return file.getnframes() / file.getframerate()
    except (wave.Error, EOFError) as error:
        raise ValueError(f"These {len(data)} bytes are no PCM WAV ({error}); give 16-bit PCM.") from error


def resample(samples: Samples, rate: int, target: int) -> Samples:
    """Change the rate of mono samples (n,) without changing pitch or length in time; band-limited."""
    if rate == target or not len(samples):
        return samples
    divisor = int(np.gcd(rate, target))
    up, down = target // divisor, rate // divisor
    wanted = round(len(samples) * up / down)
    block = down * (_SMOOTH // int(np.gcd(down, _SMOOTH)))
    padded = -(-(len(samples) + block // 8) // block) * block  # the silence keeps the circular transform from wrapping
    spectrum = np.fft.rfft(samples, padded)
    longer = padded * up // down
    spectrum = spectrum[: longer // 2 + 1] if longer < padded else spectrum
    return (np.fft.irfft(spectrum, longer) * (up / down)).astype(np.float32)[:wanted]
