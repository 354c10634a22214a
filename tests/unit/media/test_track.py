import av
import numpy as np
import pytest

from common.media.ffmpeg import FFmpegFailed
from common.media.mix import Placed, mix
from common.media.track import encode_aac, measure
from common.media.wave import write


@pytest.fixture(scope="module")
def sound():
    time = np.arange(24000 * 2) / 24000
    noise = np.random.default_rng(1).normal(0, 0.1, len(time)) * np.maximum(0, np.sin(2 * np.pi * 3 * time)) ** 2
    return mix([Placed(0.5, write(noise.astype(np.float32), 24000))], None, None, 5.0)


def test_the_encoded_file_keeps_loudness_ceiling_and_length(sound, tmp_path):
    path = encode_aac(sound, tmp_path / "deep" / "sound.m4a")
    measured = measure(path)
    assert measured.integrated_lufs == pytest.approx(-14, abs=0.5)
    assert measured.true_peak_dbtp <= -1
    with av.open(str(path)) as file:
        stream = file.streams.audio[0]
        assert (stream.codec_context.name, stream.profile) == ("aac", "LC")
        assert (stream.rate, stream.channels) == (48000, 2)
        assert float(stream.duration * stream.time_base) == pytest.approx(5.0, abs=0.001)
    assert list(path.parent.iterdir()) == [path]


def test_equal_sound_gives_equal_files(sound, tmp_path):
    first, second = (encode_aac(sound, tmp_path / name).read_bytes() for name in ("a.m4a", "b.m4a"))
    assert first == second


def test_silence_measures_as_silence(tmp_path):
    path = tmp_path / "silent.wav"
    path.write_bytes(write(np.zeros((48000, 2), np.float32), 48000))
    assert measure(path).integrated_lufs == -70
    assert measure(path).true_peak_dbtp == -200


def test_a_file_without_sound_is_a_clear_failure(tmp_path):
    path = tmp_path / "text.wav"
    path.write_text("no sound here")
    with pytest.raises(FFmpegFailed, match=r"measure the loudness of text\.wav"):
        measure(path)
