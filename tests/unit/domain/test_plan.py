from hypothesis import given
from hypothesis import strategies as st

from common.domain.plan import MIN_FRAMES
from tests.unit.media.films import plan, scene


@given(st.lists(st.integers(2, 900), min_size=1, max_size=12), st.sampled_from([24, 25, 30, 50, 60]))
def test_a_plan_at_another_rate_keeps_its_cuts_and_its_length(lengths: list[int], fps: int) -> None:
    written = plan(*(scene(f"s{number}", frames) for number, frames in enumerate(lengths)))
    made = written.at(fps)
    assert made.fps == fps
    assert made.frames == round(written.frames * fps / 30)
    for before, after in zip(written.starts(), made.starts(), strict=True):
        assert abs(before / 30 - after / fps) <= 0.5 / fps + 1e-9
    assert made.at(fps) is made
    assert [scene.model_copy(update={"frames": 1}) for scene in made.scenes] == [
        scene.model_copy(update={"frames": 1}) for scene in written.scenes
    ]


@given(st.integers(1, 900), st.sampled_from([24, 25, 30, 50, 60]))
def test_the_shortest_scene_that_may_be_asked_for_has_three_frames_at_every_rate(before: int, fps: int) -> None:
    assert plan(scene("s1", before), scene("s2", MIN_FRAMES)).at(fps).scenes[1].frames >= 3
