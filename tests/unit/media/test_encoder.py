from pathlib import Path

import av
import numpy as np

from common.domain.frame import Size
from common.media.encoder import DEFAULT_PROFILE, PROFILES, available, choose, raw_input
from common.media.ffmpeg import pipe_in
from common.media.source import frame_bytes


def test_the_default_profile_encodes_everywhere() -> None:
    assert available(DEFAULT_PROFILE)


def test_a_wanted_encoder_is_taken_only_if_it_encodes() -> None:
    assert choose("nvenc").name == ("nvenc" if available("nvenc") else DEFAULT_PROFILE)
    assert choose(DEFAULT_PROFILE, "nvenc").name == DEFAULT_PROFILE
    assert choose().name == DEFAULT_PROFILE


def test_options_and_version_are_in_the_key() -> None:
    changed = PROFILES["x264"].model_copy(update={"options": {**PROFILES["x264"].options, "crf": 21}})
    assert changed.key != PROFILES["x264"].key


def test_no_profile_forgets_what_all_share() -> None:
    for profile in PROFILES.values():
        assert profile.output()["colorspace"] == "bt709"
        assert profile.output()["pix_fmt"] == "yuv420p"
        assert "+cgop" in profile.output()["flags"]


def test_drawn_pictures_and_footage_join_into_one_stream(tmp_path: Path) -> None:
    size, rng = Size(width=320, height=180), np.random.default_rng(1)
    noise = rng.integers(0, 255, (12, frame_bytes(size)), np.uint8)
    headers = []
    for footage in (True, False):
        target = tmp_path / f"{footage}.mp4"
        graph = raw_input(size, 30).output(str(target), **PROFILES["x264"].output(footage=footage))
        with pipe_in(graph, "try") as write:
            for frame in noise:
                write(frame)
        with av.open(str(target)) as film:
            headers.append(bytes(film.streams.video[0].codec_context.extradata or b""))
    assert headers[0] == headers[1] != b""
    assert (tmp_path / "True.mp4").read_bytes() != (tmp_path / "False.mp4").read_bytes()
