import errno
import threading
from pathlib import Path

import pytest

from common.domain.plan import Plan
from common.media.caption_look import caption_look
from common.media.captioner import Captioner
from common.media.captions import cues_of
from common.media.encoder import PROFILES
from common.media.ffmpeg import DiskFull, RenderCancelled
from common.media.probe import probe
from common.media.render import Share, render_all, working_order
from common.media.segments import Studio, render_segment
from common.media.source import Frame
from common.media.timeline import Recipe, Segment, Timeline, lay_out
from tests.unit.media.films import SIZE, Bars, Shelf, plan, scene, spoken

PLAN = plan(scene("a", 40), scene("b", 40))
PROFILE = PROFILES["x264"]


def laid_out(made: Plan = PLAN) -> Timeline:
    recipe = Recipe(encoder=PROFILE.key, painter="1")
    return lay_out(made, {s.id: s.id for s in made.scenes}, (), recipe, lambda _: "")


def studio() -> Studio:
    return Studio(SIZE, 30, lambda scene_id: Bars(60 if scene_id == "a" else 160), PROFILE)


def test_every_segment_lands_in_the_store_with_its_frames(tmp_path: Path) -> None:
    timeline, shelf = laid_out(), Shelf(tmp_path)
    assert render_all(timeline.segments, studio(), shelf) == 3
    for segment in timeline.segments:
        video = probe(shelf.fetch(segment.key)).video
        assert video is not None
        assert (video.frames, video.width, video.height) == (segment.frames, SIZE.width, SIZE.height)


def test_equal_segments_have_equal_bytes(tmp_path: Path) -> None:
    segment = laid_out().segments[1]
    once, again = (render_segment(segment, studio(), tmp_path / name) for name in ("1.mp4", "2.mp4"))
    assert once.read_bytes() == again.read_bytes()


def test_captions_are_burned_and_equal_bytes_again(tmp_path: Path) -> None:
    look = caption_look(SIZE, "en")
    cues = cues_of(PLAN, {"a": spoken("one two")}, look.columns)
    captioner = Captioner(look)
    plain = laid_out().segments[0]
    made = lay_out(PLAN, {"a": "a", "b": "b"}, cues, Recipe(encoder="e", painter="1"), captioner.key).segments[0]
    room = Studio(SIZE, 30, lambda _: Bars(60), PROFILE, captioner)
    films = [render_segment(made, room, tmp_path / f"{i}.mp4").read_bytes() for i in range(2)]
    assert films[0] == films[1] != render_segment(plain, room, tmp_path / "plain.mp4").read_bytes()


def test_what_is_there_is_not_rendered_again(tmp_path: Path) -> None:
    timeline, shelf = laid_out(), Shelf(tmp_path)
    render_all(timeline.segments, studio(), shelf)
    told: list[bool] = []

    def refuse(_: str) -> Bars:
        raise AssertionError("a picture was asked for")

    room = Studio(SIZE, 30, refuse, PROFILE)
    assert render_all(timeline.segments, room, shelf, on_done=lambda _, reused: told.append(reused)) == 0
    assert told == [True, True, True]


def test_a_failure_stops_the_others_and_keeps_what_is_done(tmp_path: Path) -> None:
    class Broken(Bars):
        def frame(self, n: int) -> Frame:
            raise ValueError("no such picture")

    timeline, shelf = laid_out(), Shelf(tmp_path)
    room = Studio(SIZE, 30, lambda scene_id: Broken() if scene_id == "b" else Bars(), PROFILE)
    with pytest.raises(ValueError, match="no such picture"):
        render_all(timeline.segments, room, shelf, workers=1)
    assert [shelf.has(segment.key) for segment in timeline.segments] == [True, False, False]


def test_a_store_without_space_is_a_full_disk(tmp_path: Path) -> None:
    class Full(Shelf):
        def put(self, key: str, path: Path) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DiskFull, match=r"we could not keep frames \d+ to \d+ .*Free some space"):
        render_all(laid_out().segments, studio(), Full(tmp_path))


def test_a_cancel_stops_in_the_middle_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temp"))
    (tmp_path / "temp").mkdir()
    stop = threading.Event()

    class Stopping(Bars):
        def frame(self, n: int) -> Frame:
            if n == 10:
                stop.set()
            return super().frame(n)

    shelf = Shelf(tmp_path / "shelf")
    room = Studio(SIZE, 30, lambda _: Stopping(), PROFILE)
    with pytest.raises(RenderCancelled):
        render_all(laid_out().segments, room, shelf, cancelled=stop.is_set)
    assert list((tmp_path / "temp").iterdir()) == []
    assert list(shelf.folder.iterdir()) == []


def test_a_picture_is_prepared_once_for_its_neighbouring_segments(tmp_path: Path) -> None:
    prepared: list[str] = []

    def prepare(scene_id: str) -> Bars:
        prepared.append(scene_id)
        return Bars()

    made = plan(*(scene(name, 40) for name in "abcd"))
    render_all(laid_out(made).segments, Studio(SIZE, 30, prepare, PROFILE), Shelf(tmp_path), workers=1)
    assert sorted(prepared) == ["a", "b", "c", "d"]


def order(segments: tuple[Segment, ...], task: int, tasks: int) -> list[int]:
    return [segments.index(segment) for segment in working_order(segments, Share(task, tasks))]


def test_tasks_start_at_different_places_and_go_all_the_way_round() -> None:
    segments = laid_out(plan(scene("a", 90), scene("b", 60), scene("c", 120))).segments
    orders = [order(segments, task, 2) for task in range(2)]
    assert orders == [[4, 0, 2, 1, 3], [2, 1, 3, 4, 0]]


def test_a_film_that_plays_already_is_rendered_from_its_beginning() -> None:
    segments = laid_out(plan(scene("a", 90), scene("b", 60), scene("c", 120))).segments
    for task, first in ((0, 0), (1, 2)):
        order = [segments.index(one) for one in working_order(segments, Share(task, 2), early=True)]
        assert order == [*range(first, 5), *range(first)]


def test_a_segment_that_shows_twice_is_rendered_once() -> None:
    made = plan(scene("a", 30, "cut"), scene("b", 30, "cut"))
    timeline = lay_out(made, {"a": "same", "b": "same"}, (), Recipe(encoder="e", painter="1"), lambda _: "")
    assert len(working_order(timeline.segments)) == 1
