"""What can be streamed grows, whoever tells of it, and a later film takes over from an earlier one."""

from typing import Any

import pytest

from common.engine import store, streams
from common.engine.task import Cancelled, Task
from common.media.hls.stream import Part, Stream, Track
from tests.unit.engine.conftest import Bench


def stream(film: str, ready: int, *, ended: bool = False) -> Stream:
    part = Part(key="k", at=0, size=10, ticks=90_000)
    track = Track(
        name="480p", codec="avc1.64001f", timescale=90_000, init=part, parts=(part,) * ready, width=8, height=8
    )
    return Stream(
        film=film,
        fps=30,
        target=1,
        lang="en",
        seconds=3.0,
        captions="c",
        sound=track.model_copy(update={"name": "sound"}),
        video=(track,),
        ended=ended,
    )


@pytest.fixture
def task(bench: Bench) -> Task:
    found = store.read(bench.context.documents, bench.submit().id, "analyze")
    assert found.step is not None
    return Task(bench.context, found.pipeline, found.step)


def attempt(task: Task, key: str, epoch: int) -> Task:
    return Task(task.context, task.pipeline, task.step.model_copy(update={"key": key, "epoch": epoch}))


def shown(task: Task, film: str = "") -> Stream | None:
    return streams.current(task.context, task.pipeline, film)


def test_there_is_no_stream_before_its_first_segment(task: Task) -> None:
    assert shown(task) is None
    assert shown(task, "a") is None


def test_a_stream_grows_and_an_attempt_that_is_behind_takes_nothing_back(task: Task) -> None:
    for ready in (1, 3, 2):
        streams.publish(task, stream("a", ready))
    assert shown(task) == stream("a", 3)
    streams.publish(attempt(task, "render", 2), stream("a", 1))
    assert shown(task) == stream("a", 3)
    streams.publish(task, stream("a", 3, ended=True))
    streams.publish(task, stream("a", 2))
    assert shown(task) == stream("a", 3, ended=True)


def test_the_film_of_the_last_attempt_plays_and_the_old_one_stays(task: Task) -> None:
    turns = [("render", 1), ("render", 2), ("render.take1", 1), ("render.take2", 1)]
    for number, turn in enumerate(turns):
        streams.publish(attempt(task, *turn), stream(f"film{number}", 1))
        assert shown(task) == stream(f"film{number}", 1)
    streams.publish(attempt(task, "render", 1), stream("film0", 3, ended=True))  # which was superseded
    assert shown(task) == stream("film3", 1)
    assert shown(task, "film0") == stream("film0", 3, ended=True)


def test_an_attempt_that_makes_a_known_film_again_makes_it_the_current_one(task: Task) -> None:
    for epoch, film in ((1, "a"), (2, "b"), (3, "a")):
        streams.publish(attempt(task, "render", epoch), stream(film, 1))
    assert shown(task) == stream("a", 1)


def test_a_rival_between_read_and_write_is_read_anew(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    streams.publish(task, stream("a", 1))
    documents = task.context.documents
    commit, rivals = documents.commit, [stream("a", 3)]

    def beaten(writes: Any) -> None:
        if rivals:
            streams.publish(task, rivals.pop())
        commit(writes)

    monkeypatch.setattr(documents, "commit", beaten)
    streams.publish(task, stream("a", 2))
    assert shown(task) == stream("a", 3)


def test_an_attempt_that_does_not_count_any_more_shows_nothing(task: Task) -> None:
    task.end(Cancelled)
    with pytest.raises(Cancelled):
        streams.publish(task, stream("a", 1))
    assert shown(task) is None


def test_a_pipeline_that_goes_on_from_a_failed_one_plays_what_that_rendered(bench: Bench, task: Task) -> None:
    streams.publish(task, stream("a", 2, ended=True))
    replay = bench.submit().model_copy(update={"replay_of": task.pipeline.id})
    assert streams.current(bench.context, replay) == stream("a", 2, ended=True)
    assert streams.current(bench.context, replay, "a") is not None
    assert streams.current(bench.context, replay, "b") is None
