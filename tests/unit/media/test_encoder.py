import os
import sys
from pathlib import Path
from typing import get_args

import av
import numpy as np
import pytest

from common.domain.frame import Size
from common.domain.outputs import CODECS, Encoder
from common.media.assemble import assemble
from common.media.encoder import DEFAULT_PROFILE, PROFILES, Profile, available, choose, encoding
from common.media.ffmpeg import FFmpegFailed
from common.media.probe import probe
from common.media.render import render_all
from common.media.segments import Studio
from common.media.source import frame_bytes
from common.media.timeline import Recipe, lay_out
from tests.unit.media.films import Bars, Shelf, plan, scene


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
        assert "+cgop" in profile.output()["flags"]


def test_drawn_pictures_and_footage_join_into_one_stream(tmp_path: Path) -> None:
    size, rng = Size(width=320, height=180), np.random.default_rng(1)
    noise = rng.integers(0, 255, (12, frame_bytes(size)), np.uint8)
    headers = []
    for footage in (True, False):
        target = tmp_path / f"{footage}.mp4"
        with encoding(target, PROFILES["x264"], size, 30, footage=footage) as write:
            for frame in noise:
                write(frame)
        with av.open(str(target)) as film:
            headers.append(bytes(film.streams.video[0].codec_context.extradata or b""))
    assert headers[0] == headers[1] != b""
    assert (tmp_path / "True.mp4").read_bytes() != (tmp_path / "False.mp4").read_bytes()


def test_every_encoder_of_a_request_has_its_profile() -> None:
    assert set(PROFILES) == set(get_args(Encoder)) == set(CODECS)


@pytest.mark.parametrize("name", [name for name in PROFILES if available(name)])
def test_segments_of_every_encoder_that_works_here_join_into_an_even_film(name: str, tmp_path: Path) -> None:
    made = plan(scene("a", 40), scene("b", 40))
    line = lay_out(made, {"a": "a", "b": "b"}, (), Recipe(encoder=name, painter="1"), lambda _: "")
    films = []
    for again in ("1", "2"):
        shelf = Shelf(tmp_path / again)
        render_all(line.segments, Studio(Size(width=320, height=180), 30, _bars, PROFILES[name]), shelf)
        parts = [shelf.fetch(segment.key) for segment in line.segments]
        films.append(assemble(parts, None, tmp_path / f"{again}.mp4", frames=80, fps=30))
    facts = probe(films[0])
    assert facts.video is not None
    assert (facts.video.codec, facts.video.frames, facts.video.even) == (CODECS[name], 80, True)
    assert facts.video.start == 0.0
    with av.open(str(films[0])) as film:
        shown = [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]
    assert len(shown) == 80
    for number, picture in enumerate(shown[:32]):
        assert picture[40, (3 * number) % 320 + 6] > 200, "each frame in its place"
    if name not in ("nvenc", "nvenc_hevc", "nvenc_av1"):
        assert films[0].read_bytes() == films[1].read_bytes()


def _bars(_: str) -> Bars:
    return Bars(60, Size(width=320, height=180))


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux")
@pytest.mark.parametrize("name", [name for name in PROFILES if available(name)])
def test_no_thread_takes_the_machine_for_itself(name: str, tmp_path: Path) -> None:
    size = Size(width=320, height=180)
    with encoding(tmp_path / "film.mp4", PROFILES[name], size, 30) as write:
        for _ in range(3):
            write(np.full(frame_bytes(size), 128, np.uint8))
        during = {os.sched_getscheduler(int(task.name)) for task in Path("/proc/self/task").iterdir()}
    assert during == {os.sched_getscheduler(0)} == {os.SCHED_OTHER}


def test_an_encoder_that_refuses_is_named(tmp_path: Path) -> None:
    profile = PROFILES["x264"].model_copy(update={"codec": "libnone"})
    with pytest.raises(FFmpegFailed, match=r"The encoder x264 failed: .*libnone"):
        _encode(tmp_path, profile)


def test_a_full_disk_is_no_fault_of_the_encoder() -> None:
    with pytest.raises(OSError, match="No space left"):
        _encode(Path("/dev/full"), PROFILES["x264"])


def _encode(target: Path, profile: Profile) -> None:
    size, rng = Size(width=320, height=180), np.random.default_rng(1)
    path = target / "film.mp4" if target.is_dir() else target
    with encoding(path, profile, size, 30) as write:
        for _ in range(60):
            write(rng.integers(0, 255, frame_bytes(size), np.uint8))


@pytest.mark.parametrize(("width", "height"), [(480, 854), (854, 480)])
def test_bytes_depend_on_nothing_that_lay_in_memory_before(width: int, height: int, tmp_path: Path) -> None:
    size, rng = Size(width=width, height=height), np.random.default_rng(1)
    made = set()
    for _ in range(10):
        lengths = rng.choice([300, 3_000, 20_000, 70_000, 200_000, 900_000], 3000)
        litter = [np.full(length, rng.integers(1, 255), np.uint8) for length in lengths]
        rng.shuffle(litter)  # type: ignore[arg-type]
        litter = litter[:50]
        with encoding(tmp_path / "film.mp4", PROFILES["x264"], size, 30) as write:
            for number in range(40):
                write(Bars(60, size).frame(number))
        made.add((tmp_path / "film.mp4").read_bytes())
        del litter
    assert len(made) == 1


@pytest.mark.parametrize(("width", "height"), [(160, 90), (320, 180), (480, 854), (854, 480)])
def test_colours_stay_in_their_place(width: int, height: int, tmp_path: Path) -> None:
    blue = np.tile(np.linspace(60, 180, height // 2).astype(np.uint8)[:, None], (1, width // 2))
    frame = np.concatenate([np.full(width * height, 90, np.uint8), blue.ravel(), 255 - blue.ravel()])
    with encoding(tmp_path / "film.mp4", PROFILES["x264"], Size(width=width, height=height), 30) as write:
        for _ in range(3):
            write(frame)
    with av.open(str(tmp_path / "film.mp4")) as film:
        shown = next(film.decode(video=0)).to_ndarray(format="yuv420p").ravel()
    assert np.abs(shown.astype(int) - frame).max() < 12
