import av
import numpy as np
import pytest

from common.media import track
from common.media.ffmpeg import FFmpegFailed
from common.media.mix import Placed, master, mix
from common.media.track import encode_aac, encode_master, measure
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


def test_what_peaks_too_high_once_encoded_is_mastered_lower_and_stays_as_loud(tmp_path, monkeypatch):
    monkeypatch.setattr(track, "CEILING_DBTP", -0.7)  # as if it had been mastered with too little to spare
    time = np.arange(48_000 * 4) / 48_000
    bell = np.sin(2 * np.pi * 300 * time) * np.exp(-28 * (time % (1 / 3)))
    film = np.stack([bell, bell], axis=1).astype(np.float32)
    master(film, -0.7)
    wav = write(film, 48_000)
    plain = measure(encode_aac(wav, tmp_path / "plain.m4a"))
    under = measure(encode_master(wav, tmp_path / "under.m4a"))
    assert plain.true_peak_dbtp > -0.9
    assert under.true_peak_dbtp <= -1
    assert under.integrated_lufs == pytest.approx(plain.integrated_lufs, abs=0.5)


def test_what_does_not_peak_too_high_is_encoded_once(sound, tmp_path, monkeypatch):
    monkeypatch.setattr(track, "remastered", None)
    path = encode_master(sound, tmp_path / "master.m4a")
    assert path.read_bytes() == encode_aac(sound, tmp_path / "plain.m4a").read_bytes()


def test_an_encoder_that_always_peaks_too_high_is_asked_three_times(sound, tmp_path, monkeypatch):
    ceilings = []

    def lowered(wav: bytes, ceiling: float) -> bytes:
        ceilings.append(round(ceiling, 2))
        return wav

    monkeypatch.setattr(track, "remastered", lowered)
    monkeypatch.setattr(track, "measure", lambda *_, **__: track.Loudness(integrated_lufs=-14, true_peak_dbtp=-0.5))
    assert encode_master(sound, tmp_path / "master.m4a").exists()
    assert ceilings == [-2.4, -3.0]


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
