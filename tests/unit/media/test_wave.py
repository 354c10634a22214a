import numpy as np
import pytest

from common.media.wave import counts, read, resample, seconds, write


def test_what_is_written_is_read_back():
    samples = np.random.default_rng(1).uniform(-1, 1, (3000, 2)).astype(np.float32)
    back, rate = read(write(samples, 48000))
    assert rate == 48000
    assert back == pytest.approx(samples, abs=2e-5)
    assert seconds(write(samples, 48000)) == 3000 / 48000
    assert counts(write(samples, 8000))[0].dtype == np.int16


def test_too_loud_is_clipped_not_wrapped():
    assert read(write(np.array([2.0, -2.0], np.float32), 8000))[0][:, 0].tolist() == [1.0, -1.0]


@pytest.mark.parametrize("data", [b"", b"RIFF", b"not a wave file at all, but long enough to look at"])
def test_other_bytes_are_refused_in_words(data):
    for reader in (read, seconds):
        with pytest.raises(ValueError, match="give 16-bit PCM"):
            reader(data)


@pytest.mark.parametrize(("rate", "target"), [(24000, 48000), (22050, 24000), (48000, 24000), (44100, 48000)])
def test_resampling_keeps_pitch_length_and_level(rate, target):
    def tone(at: int) -> np.ndarray:
        return np.sin(2 * np.pi * 440 * np.arange(at) / at).astype(np.float32)

    changed = resample(tone(rate), rate, target)
    assert len(changed) == target
    inner = slice(target // 10, -target // 10)
    assert changed[inner] == pytest.approx(tone(target)[inner], abs=2e-3)


def test_resampling_nothing():
    assert len(resample(np.zeros(0, np.float32), 24000, 48000)) == 0
