"""The Runway engines against a local server that speaks their protocol."""

import base64
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest

from common.domain.frame import Size, size_of
from common.domain.plan import Media, Plan, Scene
from common.domain.prices import VIDEO_PER_SECOND
from common.media.composition import Clip
from common.providers.errors import ProviderError, ProviderUnavailable, Refused, Throttled, Unanswered
from common.providers.operation import Done, Failed, Running
from common.providers.visuals.clip import stage_clip
from common.providers.visuals.port import Brief, brief_of, clip_seconds
from common.providers.visuals.runway import RunwayFast, RunwayFull, RunwayVisuals, prompt_of, ratio_of
from tests.protocol.runway import KEY, Answer, Runway

SCENE = Scene(
    id="s1",
    kind="statement",
    narration="Cats purr when they are happy.",
    headline="Why cats purr",
    idea="a cat on a warm roof",
    mood="warm",
    frames=90,
)
PLAN = Plan(title="Cats", lang="en", aspect="16:9", resolution="480p", mood="warm", seed=7, scenes=(SCENE,))
BRIEF = brief_of(PLAN, 0)


@pytest.fixture
def runway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Runway]:
    monkeypatch.setenv("NO_PROXY", "*")
    server = Runway()
    yield server
    server.close()


@pytest.fixture
def engine(runway: Runway) -> RunwayVisuals:
    return RunwayFast(KEY, base=runway.base, timeout=5)


def test_a_clip_is_ordered_waited_for_and_billed_by_the_second(runway: Runway, engine: RunwayVisuals) -> None:
    task = engine.start(BRIEF, 3, "a key that Runway has no use for")
    (asked,) = [known.asked for known in runway.tasks.values()]
    assert (asked["model"], asked["ratio"], asked["duration"]) == ("gen4_turbo", "1280:720", 3)
    assert "a cat on a warm roof" in asked["promptText"]
    assert [engine.poll(task) for _ in range(2)] == [Running(6.0), Running(6.0)]
    done = engine.poll(task)
    assert isinstance(done, Done)
    assert done.answer == runway.clip(3)
    assert (done.amount, done.quantity, done.unit) == (24_000, 3, "seconds")


@pytest.mark.parametrize(("kind", "dollars"), [(RunwayFast, 0.008), (RunwayFull, 0.02)])
def test_prices_are_those_of_the_table_and_seconds_are_whole(kind: type[RunwayVisuals], dollars: float) -> None:
    assert float(VIDEO_PER_SECOND[kind.listed]) == dollars
    assert kind.price(1) == round(dollars * 1_000_000)
    assert kind.price(4.2) == kind.price(5) == 5 * kind.price(1)


def test_it_says_that_a_lost_task_cannot_be_found(engine: RunwayVisuals) -> None:
    assert (engine.finds, engine.honours_keys, engine.look_up("any")) == (False, False, None)


def test_equal_briefs_ask_for_equal_clips_and_another_take_for_another(runway: Runway, engine: RunwayVisuals) -> None:
    again = BRIEF.model_copy(update={"scene": SCENE.model_copy(update={"take": 1})})
    for brief in (BRIEF, BRIEF, again):
        engine.start(brief, 3, "")
    first, second, third = (task.asked for task in runway.tasks.values())
    assert first == second
    assert first["seed"] != third["seed"]


def test_a_clip_begins_with_the_ground_of_its_scene_without_words(runway: Runway, engine: RunwayVisuals) -> None:
    wordy = BRIEF.model_copy(update={"scene": SCENE.model_copy(update={"headline": "Other words"})})
    for brief in (BRIEF, wordy):
        engine.start(brief, 3, "")
    pictures = [picture(task.asked) for task in runway.tasks.values()]
    assert pictures[0].shape == (720, 1280, 3)
    assert float(np.std(pictures[0])) > 1
    assert (pictures[0] == pictures[1]).all()


def picture(asked: dict[str, Any]) -> Any:
    data = base64.b64decode(asked["promptImage"].partition(",")[2])
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


@pytest.mark.parametrize(
    ("aspect", "ratio"), [("16:9", "1280:720"), ("9:16", "720:1280"), ("1:1", "960:960"), ("4:5", "832:1104")]
)
def test_each_aspect_has_its_nearest_size(aspect: Any, ratio: str) -> None:
    assert ratio_of(size_of(aspect, "1080p")) == ratio


def test_every_aspect_is_accepted(runway: Runway, engine: RunwayVisuals) -> None:
    for aspect in ("16:9", "9:16", "1:1", "4:5"):
        size: Size = size_of(aspect, "480p")  # type: ignore[arg-type]
        engine.start(BRIEF.model_copy(update={"size": size}), 2, "")
    assert len(runway.tasks) == 4


def test_a_prompt_fits_whatever_the_narration(runway: Runway, engine: RunwayVisuals) -> None:
    long: Brief = BRIEF.model_copy(update={"scene": SCENE.model_copy(update={"narration": "🐈 purrs. " * 300})})
    assert len(prompt_of(long).encode("utf-16-le")) <= 2000
    engine.start(long, 2, "")
    assert len(runway.tasks) == 1


@pytest.mark.parametrize(
    ("answer", "error", "made"),
    [
        (Answer(429, {"retry-after": "7"}, {"error": "too many"}), Throttled, 0),
        (Answer(503, {}, {"error": "busy"}), Throttled, 0),
        (Answer(400, {}, {"error": "not like this"}), Refused, 0),
        (Answer(401, {}, {"error": "who are you"}), Refused, 0),
        (Answer(500, {}, {"error": "broke"}), ProviderUnavailable, 0),
        (Answer(502, {}, b"<html>", made=True), Unanswered, 1),
        (Answer(200, {}, b"not json", made=True), Unanswered, 1),
        (Answer(200, {}, {"no": "id"}, made=True), Unanswered, 1),
        (Answer(0, silent=True, made=True), Unanswered, 1),
    ],
)
def test_what_a_start_says_no_to(
    runway: Runway, engine: RunwayVisuals, answer: Answer, error: type[ProviderError], made: int
) -> None:
    runway.answers.append(answer)
    with pytest.raises(ProviderError) as raised:
        engine.start(BRIEF, 3, "")
    assert type(raised.value) is error
    assert len(runway.tasks) == made
    if isinstance(raised.value, Throttled):
        assert raised.value.retry_after == (7.0 if answer.status == 429 else 30.0)


def test_nobody_there_is_no_service_and_no_clip(runway: Runway) -> None:
    away = RunwayFast(KEY, base="http://127.0.0.1:9", timeout=5)
    with pytest.raises(ProviderError) as raised:
        away.start(BRIEF, 3, "")
    assert type(raised.value) is ProviderUnavailable


def test_a_wrong_key_is_refused(runway: Runway) -> None:
    with pytest.raises(Refused, match="API key"):
        RunwayFast("another", base=runway.base, timeout=5).start(BRIEF, 3, "")


@pytest.mark.parametrize(
    ("end", "error", "billed"),
    [
        ({"status": "FAILED", "code": "SAFETY.INPUT.TEXT"}, Refused, True),
        ({"status": "FAILED", "code": "SAFETY.OUTPUT.VIDEO"}, Refused, False),
        ({"status": "FAILED", "code": "ASSET.INVALID"}, Refused, False),
        ({"status": "FAILED", "code": "INTERNAL.BAD_OUTPUT.CODE01"}, ProviderUnavailable, False),
        ({"status": "CANCELLED"}, ProviderUnavailable, False),
        ({"output": []}, ProviderUnavailable, True),
    ],
)
def test_how_a_task_may_end(
    runway: Runway, engine: RunwayVisuals, end: dict[str, Any], error: type[ProviderError], billed: bool
) -> None:
    runway.looks = 0
    runway.ends.append(end)
    over = engine.poll(engine.start(BRIEF, 3, ""))
    assert isinstance(over, Failed)
    assert (type(over.error), over.billed) == (error, billed)


def test_a_clip_that_is_no_video_is_not_shown_but_was_paid(runway: Runway, engine: RunwayVisuals) -> None:
    runway.looks = 0
    runway.clip = lambda seconds: b"<html>expired</html>"
    over = engine.poll(engine.start(BRIEF, 3, ""))
    assert isinstance(over, Failed)
    assert over.billed
    assert "is no video" in str(over.error)


def test_a_task_that_is_gone_is_not_waited_for(engine: RunwayVisuals) -> None:
    over = engine.poll("0000")
    assert isinstance(over, Failed)
    assert over.billed


def test_a_queue_is_looked_at_less_often(runway: Runway, engine: RunwayVisuals) -> None:
    runway.ends.append({"meanwhile": "THROTTLED"})
    assert engine.poll(engine.start(BRIEF, 3, "")) == Running(20.0)


@pytest.mark.parametrize("answer", [Answer(500), Answer(429, {"retry-after": "9"}), Answer(200, {}, {"status": "NEW"})])
def test_a_look_that_fails_says_nothing_of_the_task(runway: Runway, engine: RunwayVisuals, answer: Answer) -> None:
    task = engine.start(BRIEF, 3, "")
    runway.answers.append(answer)
    with pytest.raises((ProviderUnavailable, Throttled)):
        engine.poll(task)
    assert engine.poll(task) == Running(6.0)


def test_a_clip_that_cannot_be_fetched_now_may_be_later(runway: Runway, engine: RunwayVisuals) -> None:
    runway.looks = 0
    runway.ends.append({"output": ["http://127.0.0.1:9/clip.mp4"]})
    task = engine.start(BRIEF, 2, "")
    with pytest.raises(ProviderUnavailable, match="cannot be fetched"):
        engine.poll(task)
    runway.tasks[task].end = {}
    assert isinstance(engine.poll(task), Done)


def test_a_running_task_is_cancelled_and_one_that_is_over_or_unknown_is_fine(
    runway: Runway, engine: RunwayVisuals
) -> None:
    task = engine.start(BRIEF, 3, "")
    engine.cancel(task)
    engine.cancel(task)
    engine.cancel("0000")
    assert runway.tasks[task].status == "CANCELLED"
    over = engine.poll(task)
    assert isinstance(over, Failed)
    runway.answers.append(Answer(500))
    with pytest.raises(ProviderUnavailable):
        engine.cancel(task)


@pytest.mark.parametrize(("frames", "seconds"), [(1, 2), (60, 2), (61, 3), (299, 10), (900, 10)])
def test_a_clip_is_as_long_as_its_scene_in_whole_seconds_within_bounds(frames: int, seconds: int) -> None:
    assert clip_seconds(SCENE.model_copy(update={"frames": frames}), 30) == seconds


def test_a_scene_with_media_of_the_users_needs_no_clip() -> None:
    media = Media(object="media/x.jpg", type="image", sha256="x")
    assert clip_seconds(SCENE.model_copy(update={"media": media}), 30) == 0


def test_a_clip_is_shown_under_the_words_of_its_scene() -> None:
    composition = stage_clip(PLAN, 0, Media(object="media/c.mp4", type="clip", sha256="c"))
    assert composition.objects() == ("media/c.mp4",)
    assert isinstance(composition.layers[0], Clip)
    assert "Why cats purr" in " ".join(composition.written())
    assert composition.template.startswith("picture.")
