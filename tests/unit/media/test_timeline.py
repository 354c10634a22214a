from collections.abc import Sequence
from itertools import pairwise
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from common.domain.plan import TRANSITION_FRAMES, Media, Plan, Transition
from common.media.captions import Cue, cues_of
from common.media.timeline import BODY_SECONDS, Recipe, Timeline, lay_out
from tests.unit.media.films import plan, scene, spoken

RECIPE = Recipe(encoder="e", painter="p")
TRANSITIONS: list[Transition] = list(get_args(Transition))


def laid_out(made: Plan, cues: Sequence[Cue] = (), recipe: Recipe = RECIPE, **pictures: str) -> Timeline:
    return lay_out(made, {s.id: pictures.get(s.id, s.id) for s in made.scenes}, cues, recipe, lambda _: "letters")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 900), st.sampled_from(TRANSITIONS)), min_size=1, max_size=9))
def test_every_frame_is_in_exactly_one_segment(lengths: list[tuple[int, Transition]]) -> None:
    made = plan(*(scene(f"s{i}", frames, transition) for i, (frames, transition) in enumerate(lengths)))
    timeline = laid_out(made)
    assert timeline.segments[0].start == 0
    assert timeline.segments[-1].end == made.frames == timeline.frames
    assert all(a.end == b.start for a, b in pairwise(timeline.segments))
    assert all(1 <= segment.frames <= BODY_SECONDS * made.fps for segment in timeline.segments)
    starts = dict(zip((s.id for s in made.scenes), made.starts(), strict=True))
    for segment in timeline.segments:
        for take in (segment.shows, *([segment.into] if segment.into else [])):
            assert starts[take.scene] + take.first == segment.start, "both scenes of a fade keep their own time"


def test_a_fade_is_centred_on_the_cut() -> None:
    timeline = laid_out(plan(scene("a", 60), scene("b", 60)))
    [(first, end)] = timeline.fades()
    assert (first, end) == (60 - TRANSITION_FRAMES // 2, 60 + TRANSITION_FRAMES // 2)


def test_a_fade_takes_as_long_at_any_rate() -> None:
    for fps in (24, 25, 50, 60):
        [(first, end)] = laid_out(plan(scene("a", 60), scene("b", 60)).at(fps)).fades()
        assert abs((end - first) / fps - TRANSITION_FRAMES / 30) <= 1 / fps
        assert (first + end) / 2 == 2 * fps


def test_a_scene_too_short_for_a_fade_gets_a_cut() -> None:
    assert not list(laid_out(plan(scene("a", 60), scene("b", 31), scene("c", 60))).fades())


def test_another_transition_is_another_segment_and_no_other_changes() -> None:
    before, after = (laid_out(plan(scene("a", 60), scene("b", 60, kind))) for kind in ("fade", "wipe"))
    assert [segment.transition for segment in after.segments] == ["cut", "wipe", "cut"]
    same = [one.key == other.key for one, other in zip(before.segments, after.segments, strict=True)]
    assert same == [True, False, True]


def test_a_cut_stays_a_cut() -> None:
    assert [s.frames for s in laid_out(plan(scene("a", 60), scene("b", 60, "cut"))).segments] == [60, 60]


def test_an_edit_touches_its_scene_and_its_fades_only() -> None:
    made = plan(*(scene(name, 90) for name in "abcd"))
    before, after = laid_out(made), laid_out(made, b="another picture")
    changed = [a.label for a, b in zip(before.segments, after.segments, strict=True) if a.key != b.key]
    assert changed == [
        "frames 82 to 97 (scene a to b)",
        "frames 98 to 171 (scene b)",
        "frames 172 to 187 (scene b to c)",
    ]


def test_a_longer_first_scene_leaves_the_other_bodies_cached() -> None:
    before = laid_out(plan(scene("a", 90), scene("b", 90), scene("c", 90)))
    after = laid_out(plan(scene("a", 97), scene("b", 90), scene("c", 90)))
    same = {s.key for s in before.segments} & {s.key for s in after.segments}
    assert [s.shows.scene for s in after.segments if s.key in same] == ["b", "b", "c"]


def test_words_change_only_the_segments_they_show_in() -> None:
    made = plan(scene("a", 120, narration="x"), scene("b", 120, narration="x"))
    cues = cues_of(made, {"a": spoken("one two"), "b": spoken("three four")}, 40)
    other = cues_of(made, {"a": spoken("one two"), "b": spoken("three five")}, 40)
    changed = [
        a.shows.scene
        for a, b in zip(laid_out(made, cues).segments, laid_out(made, other).segments, strict=True)
        if a.key != b.key
    ]
    assert changed == ["b"]


def test_everything_that_draws_is_in_the_key() -> None:
    made = plan(scene("a", 60))
    keys = {
        laid_out(made).key,
        laid_out(made, recipe=Recipe(encoder="x", painter="p")).key,
        laid_out(made, recipe=Recipe(encoder="e", painter="x")).key,
        laid_out(made, a="x").key,
        laid_out(made.model_copy(update={"resolution": "720p"})).key,
    }
    assert len(keys) == 5


def test_the_scene_of_a_frame_is_found() -> None:
    timeline = laid_out(plan(scene("a", 60), scene("b", 60)))
    assert [timeline.scene_at(frame) for frame in (0, 59, 60, 270)] == ["a", "a", "b", "b"]


def test_scenes_that_may_be_still_are_told() -> None:
    still = scene("a", 60).model_copy(update={"camera": "still"})
    clip = Media(object="o", type="clip", sha256="0")
    timeline = laid_out(plan(still, scene("b", 60), scene("c", 60).model_copy(update={"media": clip})))
    assert (timeline.stills, timeline.footage) == (("a",), ("c",))
