import io
import wave

import numpy as np
import pytest

from common.media.loudness import integrated, true_peak
from common.media.wave import read
from common.providers.music.character import CHARACTERS
from common.providers.music.local import LocalMusic


@pytest.fixture(scope="module")
def pieces():
    return {mood: LocalMusic().compose(mood, "", 8.5, 3) for mood in CHARACTERS}


def test_is_stereo_48_khz_of_exactly_the_asked_length(pieces):
    with wave.open(io.BytesIO(pieces["calm"])) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 48000, 2)
        assert file.getnframes() == 8.5 * 48000


@pytest.mark.parametrize("mood", CHARACTERS)
def test_every_mood_is_level_clean_and_leaves_room_for_a_voice(pieces, mood):
    samples, rate = read(pieces[mood])
    assert integrated(samples, rate) == pytest.approx(-18, abs=0.6)
    assert true_peak(samples) <= -2.8
    assert np.abs(samples[0]).max() < 0.001
    assert np.abs(samples[-1]).max() < 0.001
    assert np.abs(np.diff(samples, axis=0)).max() < 0.12  # no clicks
    power = np.square(np.abs(np.fft.rfft(samples.mean(axis=1))))
    hertz = np.fft.rfftfreq(len(samples), 1 / rate)
    assert power[(hertz > 1000) & (hertz < 4000)].sum() < 0.06 * power.sum()
    assert power[hertz > 9000].sum() < 0.001 * power.sum()
    assert not np.array_equal(samples[:, 0], samples[:, 1])


def test_moods_and_seeds_differ_and_repeats_do_not(pieces):
    assert len(set(pieces.values())) == len(pieces)
    again = LocalMusic().compose("warm", "", 8.5, 3)
    assert again == pieces["warm"]
    assert again != LocalMusic().compose("warm", "", 8.5, 4)


@pytest.mark.parametrize("seconds", [0.2, 1.0, 5.0])
def test_short_pieces(seconds):
    samples, _ = read(LocalMusic().compose("epic", "", seconds, 1))
    assert len(samples) == round(seconds * 48000)
    assert np.isfinite(samples).all()


def test_an_unknown_mood_plays_as_calm():
    assert LocalMusic().compose("odd", "", 3, 1) == LocalMusic().compose("calm", "", 3, 1)
