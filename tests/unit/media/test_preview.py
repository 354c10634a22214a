"""Previews and the WebM of a tiny film: what a player finds in them."""

from pathlib import Path

import av
import cv2
import ffmpeg
import pytest

from common.media import ffmpeg as program
from common.media import preview
from common.media.assemble import assemble
from common.media.encoder import PROFILES
from common.media.render import render_all
from common.media.segments import Studio
from common.media.timeline import Recipe, Timeline, lay_out
from common.media.webm import webm
from tests.unit.media.films import SIZE, Bars, Shelf, plan, scene

PLAN = plan(scene("a", 20, "cut"), scene("b", 60, "cut"))


@pytest.fixture(scope="module")
def timeline() -> Timeline:
    return lay_out(PLAN, {"a": "a", "b": "b"}, (), Recipe(encoder="e", painter="1"), lambda _: "")


@pytest.fixture(scope="module")
def film(timeline: Timeline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("film")
    shelf = Shelf(folder / "shelf")
    render_all(timeline.segments, Studio(SIZE, 30, lambda _: Bars(60), PROFILES["x264"]), shelf)
    tone = ffmpeg.input("sine=frequency=440:sample_rate=48000", f="lavfi", t=80 / 30)
    program.run(tone.output(str(folder / "tone.m4a"), acodec="aac", ac=2), "make a tone")
    parts = [shelf.fetch(segment.key) for segment in timeline.segments]
    return assemble(parts, folder / "tone.m4a", folder / "film.mp4", frames=80, fps=30)


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_a_preview_shows_a_second_of_each_scene(film: Path, timeline: Timeline, tmp_path: Path, kind: str) -> None:
    made = getattr(preview, kind)(film, timeline, tmp_path / f"preview.{kind}")
    assert made.read_bytes()[:4] == {"gif": b"GIF8", "webp": b"RIFF"}[kind]
    again = getattr(preview, kind)(film, timeline, tmp_path / f"again.{kind}")
    assert made.read_bytes() == again.read_bytes()
    readable, shown = cv2.imreadanimation(str(made))
    assert readable
    assert len(shown.frames) == pytest.approx(12 * (20 / 30 + 1), abs=1)
    assert sum(shown.durations) == pytest.approx(1000 * (20 / 30 + 1), abs=100)
    assert shown.frames[0].shape[:2] == (270, 480)
    assert shown.frames[0][..., :3].std() > 5


def test_a_webm_has_all_of_picture_and_sound(film: Path, tmp_path: Path) -> None:
    made = webm(film, tmp_path / "film.webm", title="Café")
    with av.open(str(made)) as shown:
        assert shown.metadata["title"] == "Café"
        picture, sound = shown.streams.video[0], shown.streams.audio[0]
        assert (picture.codec_context.name, sound.codec_context.name) == ("libdav1d", "opus")
        assert (picture.width, picture.height) == (SIZE.width, SIZE.height)
        frames = list(shown.decode(video=0))
    assert len(frames) == 80
    assert frames[-1].time == pytest.approx(79 / 30, abs=0.01)
