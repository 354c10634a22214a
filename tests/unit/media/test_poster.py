from pathlib import Path

import cv2
import numpy as np
import pytest

from common.media.assemble import assemble
from common.media.encoder import PROFILES
from common.media.poster import poster, thumbnails
from common.media.render import render_all
from common.media.segments import Studio
from common.media.timeline import Recipe, Timeline, lay_out
from tests.unit.media.films import SIZE, Bars, Black, Shelf, plan, scene


@pytest.fixture
def timeline() -> Timeline:
    made = plan(scene("a", 40, "cut"), scene("b", 40, "cut"))
    return lay_out(made, {"a": "a", "b": "b"}, (), Recipe(encoder="e", painter="1"), lambda _: "")


@pytest.fixture
def film(timeline: Timeline, tmp_path: Path) -> Path:
    shelf = Shelf(tmp_path / "shelf")
    sources = {"a": Black(), "b": Bars(60)}
    render_all(timeline.segments, Studio(SIZE, 30, sources.__getitem__, PROFILES["x264"]), shelf)
    parts = [shelf.fetch(segment.key) for segment in timeline.segments]
    return assemble(parts, None, tmp_path / "film.mp4", frames=80, fps=30)


def test_the_most_striking_moment_is_chosen(film: Path, timeline: Timeline, tmp_path: Path) -> None:
    at = poster(film, timeline, tmp_path / "poster.jpg")
    picture = cv2.imread(str(tmp_path / "poster.jpg"))
    assert at == pytest.approx((40 + 24) / 30)
    assert picture is not None
    assert picture.shape == (SIZE.height, SIZE.width, 3)
    assert picture[45, 3 * 24 + 6].min() > 220, "the bar of that very frame"
    assert np.abs(picture[45, 10].astype(int) - round((60 - 16) * 255 / 219)).max() < 6, "tv range is made full range"


def test_the_same_film_gives_the_same_poster(film: Path, timeline: Timeline, tmp_path: Path) -> None:
    for name in ("1.jpg", "2.jpg"):
        poster(film, timeline, tmp_path / name)
    assert (tmp_path / "1.jpg").read_bytes() == (tmp_path / "2.jpg").read_bytes()


def test_every_scene_has_a_small_still(film: Path, timeline: Timeline, tmp_path: Path) -> None:
    made = thumbnails(film, timeline, tmp_path)
    pictures = {scene: cv2.imread(str(path)) for scene, path in made.items()}
    assert list(pictures) == ["a", "b"]
    assert all(picture is not None and picture.shape == (270, 480, 3) for picture in pictures.values())
    assert pictures["a"].mean() < 10 < pictures["b"].mean()
