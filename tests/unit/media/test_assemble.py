import wave
from pathlib import Path

import ffmpeg
import pytest

from common.media import ffmpeg as program
from common.media.assemble import assemble
from common.media.encoder import PROFILES
from common.media.probe import Unreadable, probe
from common.media.segments import Studio, render_segment
from common.media.timeline import Segment, Take
from tests.unit.media.films import SIZE, Bars

LENGTHS = (17, 16, 31)  # thirtieths that no millisecond divides: a rounded length would leave gaps at the joins


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("it's a folder")
    studio = Studio(SIZE, 30, lambda _: Bars(), PROFILES["x264"])
    made = []
    for index, frames in enumerate(LENGTHS):
        segment = Segment(key=str(index), start=0, frames=frames, shows=Take(scene="a", first=0))
        made.append(render_segment(segment, studio, folder / f"{index}.mp4"))
    return made


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    with wave.open(str(folder / "a.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes(bytes(4 * 48000 * sum(LENGTHS) // 30))
    graph = ffmpeg.input(str(folder / "a.wav")).output(str(folder / "a.m4a"), acodec="aac", fflags="+bitexact")
    program.run(graph, "encode silence")
    return folder / "a.m4a"


def test_the_film_has_every_frame_and_every_fact(parts: list[Path], sound: Path, tmp_path: Path) -> None:
    film = assemble(
        parts, sound, tmp_path / "new" / "film.mp4", frames=sum(LENGTHS), fps=30, title="Café: 100 %", lang="fr"
    )
    facts = probe(film)
    assert facts.faststart
    assert facts.language == "fra"
    assert (facts.title, facts.chapters) == ("Café: 100 %", 0)
    assert facts.video is not None
    assert facts.audio is not None
    assert (facts.video.codec, facts.video.profile, facts.video.pixels) == ("h264", "High", "yuv420p")
    assert facts.video.colours == (1, 1, 1, 1)
    assert (facts.video.frames, facts.video.fps, facts.video.start, facts.video.even) == (sum(LENGTHS), 30, 0, True)
    assert (facts.audio.codec, facts.audio.rate, facts.audio.channels) == ("aac", 48000, 2)
    assert abs(facts.audio.seconds - facts.video.seconds) <= 1 / 30
    assert [path.name for path in film.parent.iterdir()] == ["film.mp4"]


def test_equal_parts_give_equal_bytes(parts: list[Path], sound: Path, tmp_path: Path) -> None:
    films = [
        assemble(parts, sound, tmp_path / name, frames=sum(LENGTHS), fps=30, title="T").read_bytes()
        for name in ("1.mp4", "2.mp4")
    ]
    assert films[0] == films[1]


def test_a_missing_part_leaves_what_was_there(parts: list[Path], tmp_path: Path) -> None:
    target = tmp_path / "film.mp4"
    target.write_text("an older film")
    with pytest.raises(program.FFmpegFailed, match="64 frames were planned, and it made 33 frames"):
        assemble(parts[:2], None, target, frames=sum(LENGTHS), fps=30)
    assert target.read_text() == "an older film"
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_what_is_no_video_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("no video at all")
    with pytest.raises(Unreadable, match=r"a\.mp4 cannot be read as a video"):
        probe(tmp_path / "a.mp4")


def test_frames_stay_on_their_grid_over_hundreds_of_joins(parts: list[Path], tmp_path: Path) -> None:
    film = assemble(parts * 60, None, tmp_path / "film.mp4", frames=sum(LENGTHS) * 60, fps=30)
    video = probe(film).video
    assert video is not None
    assert (video.frames, video.even, video.start) == (sum(LENGTHS) * 60, True, 0)
