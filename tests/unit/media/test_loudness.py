import numpy as np
import pytest

from common.media.loudness import SILENCE, integrated, momentary, true_peak


def tone(decibels: float, seconds: float, hertz: float = 997, rate: int = 48000, channels: int = 2) -> np.ndarray:
    wave = 10 ** (decibels / 20) * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


@pytest.mark.parametrize("rate", [24000, 44100, 48000])
def test_reference_tone_of_ebu_tech_3341(rate):
    assert integrated(tone(-23, 4, rate=rate), rate) == pytest.approx(-23, abs=0.1)


def test_gate_ignores_the_quiet_parts():
    film = np.concatenate([tone(-36, 4), tone(-23, 20), tone(-36, 4)])
    assert integrated(film, 48000) == pytest.approx(-23, abs=0.1)
    assert integrated(np.concatenate([tone(-72, 4), tone(-23, 8)]), 48000) == pytest.approx(-23, abs=0.1)


def test_mono_and_stereo_follow_the_standard():
    assert integrated(tone(-20, 2, channels=1), 48000) == pytest.approx(-23, abs=0.1)
    assert integrated(tone(-20, 2, channels=1)[:, 0], 48000) == integrated(tone(-20, 2, channels=1), 48000)


def test_silence_and_crumbs():
    assert integrated(np.zeros((48000, 2), np.float32), 48000) == SILENCE
    assert integrated(np.zeros((0, 2), np.float32), 48000) == SILENCE
    assert -40 < integrated(tone(-20, 0.1), 48000) < -20
    assert momentary(np.concatenate([tone(-60, 3), tone(-20, 1), tone(-60, 3)]), 48000) == pytest.approx(-20, abs=0.1)


def test_true_peak_sees_between_the_samples():
    wave = np.sin(2 * np.pi * np.arange(48000) / 4 + np.pi / 4).astype(np.float32)
    assert np.abs(wave).max() < 0.71
    assert true_peak(wave) == pytest.approx(0, abs=0.2)
    assert true_peak(np.zeros(100, np.float32)) == -200
    assert true_peak(np.zeros(0, np.float32)) == -200


def test_pieces_leave_no_seam():
    film = np.random.default_rng(1).normal(0, 0.1, (3 << 17, 1)).astype(np.float32)
    whole = integrated(film, 48000)
    assert whole == pytest.approx(integrated(film[: 2 << 17], 48000), abs=0.1)
    steady = tone(-6, 9)
    assert true_peak(steady[480:-480]) == pytest.approx(-6, abs=0.1)
