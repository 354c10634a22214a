"""Segments as fragments: the same frames at the same times in every size, and one stream of them without a seam."""

import hashlib
from itertools import pairwise
from pathlib import Path

import av
import ffmpeg
import numpy as np
import pytest

from common.domain.frame import Size
from common.domain.ladder import Rung, ladder
from common.media import ffmpeg as program
from common.media.encoder import PROFILES, available
from common.media.hls import sound
from common.media.hls.boxes import boxes, find, media_start, place
from common.media.hls.codecs import codec_of
from common.media.hls.variants import encode, variants_key
from common.media.segments import Studio, render_segment
from common.media.timeline import Segment, Take
from tests.unit.media.films import Bars

SIZE = Size(width=640, height=480)  # two rungs
FRAMES = (40, 15, 33, 3)  # the last as short as a scene may be, at 24 frames a second


def segments(folder: Path, profile: str = "x264") -> list[Path]:
    studio = Studio(SIZE, 30, lambda scene: Bars(40 + 60 * int(scene), SIZE), PROFILES[profile])
    made = []
    for number, frames in enumerate(FRAMES):
        segment = Segment(key=str(number), start=0, frames=frames, shows=Take(scene=str(number % 2), first=0))
        made.append(render_segment(segment, studio, folder / f"segment-{number}.mp4"))
    return made


def split(data: bytes, rungs: tuple[Rung, ...]) -> list[tuple[bytes, bytes]]:
    """Init segment and fragment of each rung."""
    found = list(boxes(data))
    assert [box.kind for box in found] == [b"ftyp", b"moov", b"moof", b"mdat"] * len(rungs)
    starts = range(0, len(found), 4)
    return [
        (data[found[at].start : found[at + 2].start], data[found[at + 2].start : found[at + 3].end]) for at in starts
    ]


@pytest.mark.parametrize("profile", ["x264", "x265", "av1"])
def test_all_segments_of_a_size_make_one_film(tmp_path: Path, profile: str) -> None:
    if not available(profile):
        pytest.skip(f"{profile} does not encode here")
    rungs = ladder(SIZE)
    paths = segments(tmp_path, profile)
    made = [split(encode(path, rungs, tmp_path / "variants.mp4").read_bytes(), rungs) for path in paths]
    own = [frame for path in paths for frame in _decoded(path)[1]]
    for index, rung in enumerate(rungs):
        inits = {pieces[index][0] for pieces in made}
        assert len(inits) == 1, "one init segment for all"
        [init] = inits
        starts = [sum(FRAMES[:number]) * 3000 for number in range(len(FRAMES))]
        film = tmp_path / f"{rung.name}.mp4"
        placed = [place(pieces[index][1], number + 1, starts[number]) for number, pieces in enumerate(made)]
        film.write_bytes(init + b"".join(placed))
        times, frames = _decoded(film)
        assert times == [3000 * number for number in range(sum(FRAMES))]
        assert frames[0].shape == (rung.size.height * 3 // 2, rung.size.width)
        if index == 0:
            assert all(np.array_equal(one, other) for one, other in zip(frames, own, strict=True))
        kind = "avc1" if index else {"x264": "avc1", "x265": "hvc1", "av1": "av01"}[profile]
        assert codec_of(init).startswith(f"{kind}.")


def test_equal_segments_become_equal_fragments(tmp_path: Path) -> None:
    path, rungs = segments(tmp_path)[1], ladder(SIZE)
    made = {hashlib.sha256(encode(path, rungs, tmp_path / name).read_bytes()).digest() for name in ("a.mp4", "b.mp4")}
    assert len(made) == 1
    assert [one.name for one in tmp_path.glob("[ab]*")] in (["a.mp4", "b.mp4"], ["b.mp4", "a.mp4"])


def test_a_film_below_every_rung_is_only_copied(tmp_path: Path) -> None:
    path = segments(tmp_path)[0]
    rungs = (ladder(SIZE)[0],)
    [(init, _)] = split(encode(path, rungs, tmp_path / "variants.mp4").read_bytes(), rungs)
    assert find(init, "moov/mvex").kind == b"mvex"


def test_the_key_follows_the_segment_and_the_ladder() -> None:
    rungs = ladder(SIZE)
    keys = {variants_key("a", rungs), variants_key("b", rungs), variants_key("a", rungs[:1])}
    assert len(keys) == 3
    assert variants_key("a", ladder(SIZE)) in keys


@pytest.fixture(scope="module")
def track(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    tone = ffmpeg.input("sine=frequency=440:sample_rate=48000", f="lavfi", t=sum(FRAMES) / 30)
    program.run(tone.output(str(folder / "tone.m4a"), acodec="aac", ac=2), "make a tone")
    return folder / "tone.m4a"


ENDS = [40 / 30, 55 / 30, 88 / 30]


def test_the_sound_is_cut_at_the_frames_nearest_to_the_pictures_ends(track: Path) -> None:
    pieces = sound.cut(track, ENDS)
    at = -sound.LEAD
    for (_, ticks), end in zip(pieces[:-1], ENDS, strict=False):
        at += ticks
        assert abs(at / sound.RATE - end) <= 512 / 48_000 + 1e-9
    assert at + pieces[-1][1] >= ENDS[-1] * sound.RATE


def test_the_cut_sound_is_the_same_sound_at_the_same_times(track: Path, tmp_path: Path) -> None:
    init, pieces = sound.init_of(track), sound.cut(track, ENDS)
    assert codec_of(init) == "mp4a.40.2"
    at, data = 0, init
    for number, (piece, ticks) in enumerate(pieces):
        data += place(piece, number + 1, at)
        at += ticks
    (tmp_path / "sound.mp4").write_bytes(data)
    assert media_start(data) == len(init)
    before, after = _decoded(track, "audio"), _decoded(tmp_path / "sound.mp4", "audio")
    assert after[0][0] == 0
    assert {b - a for a, b in pairwise(after[0])} == {1024}
    assert all(np.array_equal(a, b) for a, b in zip(before[1][:-1], after[1][:-1], strict=True))


def test_every_segment_has_some_sound_however_short(track: Path) -> None:
    pieces = sound.cut(track, [0.001, 0.002, 0.003, 2.0])
    assert [ticks for _, ticks in pieces[:3]] == [1024] * 3


def test_too_little_sound_is_said_to_be_too_little(track: Path) -> None:
    with pytest.raises(program.FFmpegFailed, match="too few for 200 segments"):
        sound.cut(track, [number / 100 for number in range(1, 201)])


def _decoded(
    path: Path, kind: str = "video"
) -> tuple[list[int], list["np.ndarray[tuple[int, ...], np.dtype[np.generic]]"]]:
    with av.open(str(path)) as media:
        frames = list(media.decode(**{kind: 0}))
    return [frame.pts for frame in frames if frame.pts is not None], [frame.to_ndarray() for frame in frames]
