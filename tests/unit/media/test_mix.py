import numpy as np
import pytest

from common.media.loudness import integrated, true_peak
from common.media.mix import CEILING_DBTP, Placed, mix
from common.media.wave import read, write

RATE = 48000


def speech(seconds: float = 1.5, level: float = 0.1, rate: int = 24000, seed: int = 1) -> bytes:
    """Noise in syllables: as uneven as a voice."""
    time = np.arange(int(seconds * rate)) / rate
    noise = np.random.default_rng(seed).normal(0, 1, len(time))
    sound = noise * level * np.maximum(0, np.sin(2 * np.pi * 4 * time)) ** 2
    return write(sound.astype(np.float32), rate)


def music(seconds: float, channels: int = 2, rate: int = RATE) -> bytes:
    time = np.arange(int(seconds * rate)) / rate
    tone = 0.3 * np.sin(2 * np.pi * 220 * time) * (0.7 + 0.3 * np.sin(2 * np.pi * 0.5 * time))
    return write(np.repeat(tone[:, None], channels, axis=1).astype(np.float32), rate)


def accents(seconds: float) -> bytes:
    track = np.zeros((int(seconds * RATE), 2), np.float32)
    track[RATE : 2 * RATE] = 0.1 * (np.exp(-np.arange(RATE) / 9000) * np.sin(np.arange(RATE) * 0.1))[:, None]
    return write(track, RATE)


@pytest.mark.parametrize(
    ("voices", "bed", "effects", "seconds"),
    [
        ([Placed(0.4, speech()), Placed(3.0, speech(seed=2))], music(6), accents(6), 6.0),
        ([Placed(0.4, speech()), Placed(3.0, speech(level=0.005))], None, None, 6.0),
        ([Placed(0.2, speech(0.3))], None, None, 5.0),
        ([], music(5.0), None, 5.0),
        ([], None, accents(5), 5.0),
        ([Placed(0.0, speech(rate=22050)), Placed(4.5, speech(2))], music(2, channels=1, rate=44100), None, 5.21),
        ([Placed(1.0, speech())], music(1.2), None, 4.0),
    ],
    ids=["all", "speech", "one word", "music", "effects", "other rates, cut at the end", "short music"],
)
def test_every_mix_lands_on_its_target_at_its_exact_length(voices, bed, effects, seconds):
    samples, rate = read(mix(voices, bed, effects, seconds))
    assert rate == RATE
    assert samples.shape == (round(seconds * RATE), 2)
    assert integrated(samples, rate) == pytest.approx(-14, abs=0.3)
    assert true_peak(samples) <= -1.5
    assert true_peak(samples) <= CEILING_DBTP + 0.15


def test_silence_stays_silence():
    for voices in ([], [Placed(0, write(np.zeros(2400, np.float32), 24000))]):
        samples, _ = read(mix(voices, None, None, 1.0))
        assert len(samples) == RATE
        assert not samples.any()


def test_music_gives_way_and_fades_out():
    bed = music(12)
    samples, _ = read(mix([Placed(4.0, speech(3.0))], bed, None, 12.0))
    spectrum = [
        np.abs(np.fft.rfft(samples[int(a * RATE) : int((a + 0.5) * RATE), 0]))[110] for a in (2.25, 6.25, 8.25, 11.5)
    ]
    before, during, between, end = 20 * np.log10(np.array(spectrum))
    assert before - during == pytest.approx(6, abs=2.5)
    assert between - during > 3
    assert between - end > 12
    assert np.abs(samples[-1]).max() < 0.001


def test_music_is_out_of_the_way_before_the_voice_and_comes_back_without_haste():
    time = np.arange(RATE * 3) / RATE
    voice = write((0.3 * np.sin(2 * np.pi * 1000 * time)).astype(np.float32), RATE)
    bed = write((0.3 * np.sin(2 * np.pi * 220 * np.arange(RATE * 12) / RATE)).astype(np.float32)[:, None], RATE)
    samples, _ = read(mix([Placed(4.0, voice)], bed, None, 12.0))
    turned = samples[:, 0] * np.exp(-2j * np.pi * 220 * np.arange(len(samples)) / RATE)
    window = np.hanning(RATE // 10)
    level = 20 * np.log10(np.abs(np.convolve(turned, window / window.sum(), "same")[:: RATE // 100]) + 1e-9)
    between, under = level[300], level[550]
    assert between - under == pytest.approx(6, abs=0.5)
    falling = np.flatnonzero(level[300:700] < between - 0.6)[0] / 100 + 3  # the first and last tenth of the way
    down = np.flatnonzero(level[300:700] < under + 0.6)[0] / 100 + 3
    rising = np.flatnonzero(level[700:900] > under + 0.6)[0] / 100 + 7
    back = np.flatnonzero(level[700:900] > between - 0.6)[0] / 100 + 7
    assert 3.6 < falling < down < 4.05
    assert 0.1 < down - falling < 0.35
    assert 7.2 < rising < 7.5  # a pause between two words is waited for
    assert 0.3 < back - rising < 0.8


def test_narrations_of_different_levels_end_up_alike():
    samples, _ = read(mix([Placed(0.5, speech(2)), Placed(4.0, speech(2, level=0.03))], None, None, 7.0))
    loud, soft = (integrated(samples[int(a * RATE) : int((a + 2) * RATE)], RATE) for a in (0.5, 4.0))
    assert loud == pytest.approx(soft, abs=1.0)


def test_equal_inputs_give_equal_bytes():
    voices = [Placed(0.4, speech())]
    assert mix(voices, music(3), None, 3.0) == mix(voices, music(3), None, 3.0)


def test_what_is_no_wave_is_refused():
    with pytest.raises(ValueError, match="PCM WAV"):
        mix([], b"ID3 something", None, 1.0)
