import numpy as np
import pytest

from common.media.ducking import BETWEEN, HOP, UNDER_VOICE, duck

RATE = 48000


def voice(*spoken: tuple[float, float], seconds: float = 8.0) -> np.ndarray:
    samples = np.zeros(int(seconds * RATE), np.float32)
    for start, end in spoken:
        samples[int(start * RATE) : int(end * RATE)] = 0.1
    return samples


def at(curve: np.ndarray, second: float) -> float:
    return float(curve[int(second / HOP)])


def test_music_is_down_when_the_first_word_sounds_and_comes_back_after():
    curve = duck(voice((2.0, 4.0)), RATE)
    assert at(curve, 1.5) == pytest.approx(BETWEEN, abs=0.1)
    assert at(curve, 2.0) == pytest.approx(UNDER_VOICE, abs=0.6)
    assert at(curve, 3.9) == pytest.approx(UNDER_VOICE, abs=0.1)
    assert at(curve, 4.2) == pytest.approx(UNDER_VOICE, abs=0.1)
    assert at(curve, 5.2) == pytest.approx(BETWEEN, abs=0.6)


def test_it_does_not_pump_between_words():
    curve = duck(voice((1.0, 2.0), (2.25, 3.0), (3.5, 4.0)), RATE)
    assert max(curve[int(1.1 / HOP) : int(3.9 / HOP)]) < UNDER_VOICE + 1


def test_it_moves_smoothly():
    curve = duck(voice((1.0, 1.1), (3.0, 3.2), (6.0, 8.0)), RATE)
    assert np.abs(np.diff(curve)).max() < 1.0


def test_no_voice_and_crumbs():
    assert duck(np.zeros(RATE, np.float32), RATE) == pytest.approx(BETWEEN)
    assert len(duck(np.zeros(10, np.float32), RATE)) == 1
