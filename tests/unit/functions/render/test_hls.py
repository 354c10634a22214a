"""A stream that grows with its film: what is shown when, and what the finished one is made of."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import ffmpeg
import pytest

from common.domain.frame import Size
from common.domain.request import PipelineRequest
from common.engine import control, store, streams
from common.engine.artefacts import Artefact
from common.engine.context import Context
from common.engine.task import Cancelled, Task
from common.media import ffmpeg as program
from common.media.encoder import PROFILES
from common.media.ffmpeg import FFmpegFailed
from common.media.hls import variants
from common.media.hls.stream import Stream
from common.media.render import Done, Share
from common.media.segments import Studio, render_segment
from common.media.timeline import Recipe, Segment, Timeline, lay_out
from common.platform.embedded.clock import VirtualClock
from functions.render import film
from functions.render.hls import Growing, Variants
from functions.render.kept import ObjectSegments
from tests.hls_rules import check_master, check_media
from tests.unit.media.films import Bars, plan, scene

SIZE = Size(width=640, height=480)
PLAN = plan(scene("a", 40, "cut"), scene("b", 20, "cut"), scene("c", 30, "cut"))


@pytest.fixture(scope="module")
def line() -> Timeline:
    recipe = Recipe(encoder="e", painter="1")
    return lay_out(PLAN, dict.fromkeys("abc", "x"), (), recipe, lambda _: "").model_copy(update={"size": SIZE})


@pytest.fixture(scope="module")
def encoded(line: Timeline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The film's segments, and its sound."""
    folder = tmp_path_factory.mktemp("encoded")
    studio = Studio(SIZE, 30, lambda _: Bars(60, SIZE), PROFILES["x264"])
    for segment in line.segments:
        render_segment(segment, studio, folder / f"{segment.key}.mp4")
    tone = ffmpeg.input("sine=frequency=440:sample_rate=48000", f="lavfi", t=3)
    program.run(tone.output(str(folder / "sound.m4a"), acodec="aac", ac=2), "make a tone")
    return folder


@pytest.fixture
def task(context: Context) -> Task:
    made = control.submit(context, PipelineRequest(content="Ten characters at least", outputs=("hls",)), "ann")
    found = store.read(context.documents, made.id, "analyze")
    assert found.step is not None
    return Task(context, found.pipeline, found.step)


@pytest.fixture
def begin(task: Task, line: Timeline, encoded: Path, tmp_path: Path) -> Iterator[Callable[[], Growing]]:
    """Begins a stream of the film, whose segments are kept already."""
    segments = ObjectSegments(task, tmp_path)
    for segment in line.segments:
        segments.put(segment.key, encoded / f"{segment.key}.mp4")
    files = {"sound.m4a": (encoded / "sound.m4a").read_bytes(), "captions.vtt": b"WEBVTT\n"}
    for name, content in files.items():
        task.context.objects.put(f"artefacts/{name}", content)

    def made(name: str) -> Artefact:
        return Artefact(name, name, {name: f"artefacts/{name}"}, {}, "ran", "", {}, ())

    def begun() -> Growing:
        kept = Variants(task, line, tmp_path)
        return Growing(task, PLAN, line, kept, made("sound.m4a"), made("captions.vtt"), tmp_path)

    yield begun
    left = {path.stem for path in tmp_path.iterdir()}
    assert not [name for name in left if name.startswith("variants-")]
    assert not left & {segment.key for segment in line.segments}


def shown(task: Task) -> Stream | None:
    return streams.current(task.context, task.pipeline)


def parts(task: Task) -> int:
    stream = shown(task)
    if stream is None:
        return 0
    assert {len(track.parts) for track in stream.video} == {len(stream.sound.parts)}
    return len(stream.sound.parts)


def test_only_the_unbroken_beginning_of_the_film_is_shown(
    task: Task, line: Timeline, begin: Callable[[], Growing], clock: VirtualClock
) -> None:
    stream, seen = begin(), []
    for index in (1, 0, 2):
        stream.add(line.segments[index])
        clock.sleep(2)
        seen.append(parts(task))
    assert seen == [0, 2, 3]
    found = shown(task)
    assert found is not None
    assert not found.ended
    assert [track.name for track in found.video] == ["480p", "360p"]
    assert [part.ticks for part in found.video[0].parts] == [segment.frames * 3000 for segment in line.segments]


@pytest.mark.parametrize(("pause", "counts"), [(0.1, [1, 2, 2]), (1.0, [1, 2, 3])])
def test_what_grows_at_once_is_shown_about_once_a_second_and_when_it_has_doubled(
    task: Task, line: Timeline, begin: Callable[[], Growing], clock: VirtualClock, pause: float, counts: list[int]
) -> None:
    stream, seen = begin(), []
    for segment in line.segments:
        stream.add(segment)
        seen.append(parts(task))
        clock.sleep(pause)
    assert seen == counts


def test_the_finished_stream_has_the_bytes_that_grew(
    task: Task, line: Timeline, begin: Callable[[], Growing], tmp_path: Path, clock: VirtualClock
) -> None:
    stream, objects = begin(), task.context.objects

    def fragments(found: Stream | None) -> list[list[bytes]]:
        assert found is not None
        return [
            [
                track.placed(number, objects.read(part.key)[part.at : part.at + part.size])
                for number, part in enumerate(track.parts)
            ]
            for track in (*found.video, found.sound)
        ]

    for segment in line.segments:
        stream.add(segment)
        clock.sleep(2)
    growing = fragments(shown(task))
    files = {name: objects.read(key) for one in stream.close(tmp_path) for name, key in one.files.items()}
    ended = shown(task)
    assert ended is not None
    assert ended.ended
    assert fragments(ended) == growing
    sizes, _ = check_master(files["hls/master.m3u8"].decode())
    for (uri, _), pieces in zip(sizes, growing, strict=False):
        track = check_media(files[f"hls/{uri}"].decode())
        ranges = [spread.split("@") for _, _, spread in track.segments]
        assert [files[f"hls/{track.init}"][int(at) : int(at) + int(size)] for size, at in ranges] == pieces
    assert files["hls/captions.vtt"] == b"WEBVTT\n"


def test_variants_are_encoded_once_whatever_becomes_of_the_attempt(
    task: Task, line: Timeline, begin: Callable[[], Growing], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin().add(line.segments[0])

    def refuse(*_: Any, **__: Any) -> Path:
        raise AssertionError("it was encoded again")

    monkeypatch.setattr(variants, "encode", refuse)
    begin().add(line.segments[0])
    with pytest.raises(AssertionError, match="again"):
        begin().add(line.segments[1])
    assert parts(task) == 1


def test_a_further_task_keeps_variants_and_leaves_nothing_on_its_disk(
    task: Task, line: Timeline, begin: Callable[[], Growing], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin().add(line.segments[0])  # by the first task; the further one finds it kept
    left: list[list[Path]] = []

    def render_all(segments: Sequence[Segment], _: Studio, store: ObjectSegments, *, on_done: Done, **__: Any) -> int:
        for segment in segments:
            on_done(segment, True)
            left.append([*store._folder.rglob("*")])
        return 0

    monkeypatch.setattr(film, "_studio", lambda *_: (PLAN, line, None))
    monkeypatch.setattr(film, "render_all", render_all)
    film.help_out(task, Share(1, 2))
    assert left == [[], [], []]
    made, store = Variants(task, line, tmp_path), ObjectSegments(task, tmp_path)
    assert all(store.has(made.key(segment)) for segment in line.segments)


def test_segments_of_other_parameters_are_not_joined(
    line: Timeline, begin: Callable[[], Growing], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = begin()
    stream.add(line.segments[0])
    monkeypatch.setattr(variants, "_ENCODED", {**variants._ENCODED, "bf": 0})
    with pytest.raises(FFmpegFailed, match=r"frames 40 to 59 .* 360p by other parameters"):
        stream.add(line.segments[1])


def test_a_cancelled_film_is_shown_no_further(task: Task, line: Timeline, begin: Callable[[], Growing]) -> None:
    stream = begin()
    task.end(Cancelled)
    with pytest.raises((Cancelled, program.RenderCancelled)):
        stream.add(line.segments[0])
    assert parts(task) == 0
