import av
import numpy as np
import pytest

from common.media.footage import UnreadableMedia
from common.media.media_file import check_sound
from common.media.mix import RATE
from common.media.soundtrack import soundtrack
from common.media.wave import read, write


def tone(path, seconds=2.0, rate=44_100, codec="mp3"):
    """A tone of 441 Hz, encoded."""
    sound = (0.4 * np.sin(2 * np.pi * 441 * np.arange(int(rate * seconds)) / rate)).astype(np.float32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
        frame.rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return path


@pytest.mark.parametrize(("name", "codec"), [("a.mp3", "mp3"), ("a.m4a", "aac")])
def test_a_sound_file_becomes_stereo_of_the_mixs_rate_cut_to_length(tmp_path, name, codec):
    path = tone(tmp_path / name, codec=codec)
    check_sound(path)
    samples, rate = read(soundtrack(path, 1.5))
    assert (rate, samples.shape) == (RATE, (round(1.5 * RATE), 2))
    middle = samples[RATE // 2 : RATE, 0]
    spectrum = np.abs(np.fft.rfft(middle))
    assert np.argmax(spectrum) * RATE / len(middle) == pytest.approx(441, abs=4)
    assert np.abs(samples[RATE // 2 : RATE]).max() == pytest.approx(0.4 * 0.707, abs=0.04)  # one side of mono


def test_a_short_one_stays_as_long_as_it_is(tmp_path):
    samples, _ = read(soundtrack(tone(tmp_path / "a.mp3", seconds=1.0), 60.0))
    assert len(samples) / RATE == pytest.approx(1.0, abs=0.1)


def test_what_is_no_sound_is_refused(tmp_path):
    text, silent = tmp_path / "a.mp3", tmp_path / "b.wav"
    text.write_text("no sound at all " * 50)
    silent.write_bytes(write(np.zeros(0, np.float32), 48_000))
    for path in (text, silent):
        with pytest.raises(UnreadableMedia, match=path.name):
            soundtrack(path, 1.0)
        with pytest.raises(UnreadableMedia, match=path.name):
            check_sound(path)
