import subprocess
from fractions import Fraction

import av
import imageio_ffmpeg
import numpy as np
import pytest

from common.media.footage import Footage, UnreadableMedia


def clip(path, count=40, times=None, codec="libx264", gop=10):
    """A clip whose frame n is grey 40 + 4 (n % 50); `times` are presentation times in thousandths of a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=20)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.gop_size = gop
        for number in range(count):
            picture = np.full((72, 64), 128, dtype=np.uint8)
            picture[:48] = 40 + 4 * (number % 50)
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts = times[number] if times else number * 50
            frame.time_base = Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def shown(footage, number):
    return round((int(footage.planes(number).y[24, 32]) - 40) / 4)


def test_a_clip_is_retimed_to_our_rate_and_fills_the_picture(tmp_path):
    footage = Footage(clip(tmp_path / "a.mp4"), 80, 40, 30)
    assert [shown(footage, number) for number in (0, 3, 6, 30)] == [0, 2, 4, 20]
    planes = footage.planes(0)
    assert (planes.y.shape, planes.u.shape) == ((40, 80), (20, 40))
    footage.close()


def test_frames_do_not_depend_on_the_order(tmp_path):
    path = clip(tmp_path / "a.mp4", count=120)
    forward, random = Footage(path, 64, 48, 30), Footage(path, 64, 48, 30)
    numbers = list(range(0, 200, 7))
    seen = {number: forward.planes(number).y.copy() for number in numbers}
    for number in np.random.default_rng(1).permutation(numbers):
        assert (random.planes(int(number)).y == seen[int(number)]).all()
    forward.close()
    random.close()


def test_a_variable_rate_becomes_constant(tmp_path):
    times = [0, 10, 20, 500, 510, 1000, 1400]
    footage = Footage(clip(tmp_path / "a.mkv", count=7, times=times), 64, 48, 10)
    assert [shown(footage, number) for number in (0, 1, 4, 5, 6, 9, 10)] == [0, 2, 2, 3, 4, 4, 5]
    footage.close()


def test_a_short_clip_repeats_or_holds(tmp_path):
    path = clip(tmp_path / "a.mp4")
    looping, holding = Footage(path, 64, 48, 20), Footage(path, 64, 48, 20, loop=False)
    assert [shown(looping, number) for number in (-5, 39, 40, 45)] == [0, 39, 0, 5]
    assert [shown(holding, number) for number in (39, 40, 400)] == [39, 39, 39]
    looping.close()
    holding.close()


@pytest.mark.parametrize("data", [b"", b"not a clip at all", b"\0\0\0\x20ftypisom" + b"\0" * 64])
def test_what_is_no_clip_is_said_in_a_sentence(tmp_path, data):
    path = tmp_path / "broken.mp4"
    path.write_bytes(data)
    with pytest.raises(UnreadableMedia, match=r"broken\.mp4 cannot be read"):
        Footage(path, 64, 48, 30)


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_clip_cut_short_shows_what_is_left_of_it(tmp_path, share):
    whole = clip(tmp_path / "a.mkv", count=80).read_bytes()
    path = tmp_path / "cut.mkv"
    path.write_bytes(whole[: int(len(whole) * share)])
    footage = Footage(path, 64, 48, 30)
    assert all(footage.planes(number).y.shape == (48, 64) for number in range(0, 120, 10))
    footage.close()


def test_sound_alone_is_no_clip(tmp_path):
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), dtype=np.int16), layout="mono")
        frame.rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(UnreadableMedia):
        Footage(path, 64, 48, 30)


@pytest.mark.parametrize("turn", [90, -90, 180])
def test_a_phone_held_another_way_is_turned_upright(tmp_path, turn):
    plain, turned = tmp_path / "a.mp4", tmp_path / "b.mp4"
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error"]
    picture = ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.2", "-pix_fmt", "yuv420p", "-colorspace", "bt709"]
    subprocess.run([*ffmpeg, *picture, "-color_range", "tv", str(plain)], check=True)
    subprocess.run([*ffmpeg, "-display_rotation", str(turn), "-i", str(plain), "-c", "copy", str(turned)], check=True)
    width, height = (64, 48) if turn == 180 else (48, 64)
    raw = ["-frames:v", "1", "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"]
    shown = subprocess.run([*ffmpeg, "-i", str(turned), *raw], check=True, capture_output=True).stdout
    upright = np.frombuffer(shown, dtype=np.uint8)[: width * height].reshape(height, width)
    footage = Footage(turned, width, height, 25)
    assert (footage.planes(0).y == upright).all()
    footage.close()
