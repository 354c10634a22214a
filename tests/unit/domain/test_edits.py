"""What may be edited in a waiting plan, what is locked, and what is written down."""

import pytest

from common.domain.edits import EditRefused, edits, texts
from common.domain.plan import MIN_FRAMES, Figure, Media, Plan, Scene


def scene(name: str, **fields: object) -> Scene:
    return Scene(
        **{"id": name, "kind": "statement", "narration": f"Say {name}.", "headline": name, "frames": 90, **fields}
    )


PLAN = Plan(
    title="T",
    lang="en",
    aspect="16:9",
    resolution="1080p",
    look="ink",
    seed=7,
    voice="v",
    scenes=(scene("s1"), scene("s2"), scene("s3")),
)


def changed(**fields: object) -> Plan:
    return PLAN.model_copy(update=fields)


def with_scene(at: int, **fields: object) -> Plan:
    scenes = list(PLAN.scenes)
    scenes[at] = scenes[at].model_copy(update=fields)
    return changed(scenes=tuple(scenes))


def test_an_unchanged_plan_has_no_edits():
    assert edits(PLAN, PLAN, max_seconds=30) == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("narration", "Other words."),
        ("headline", "Other"),
        ("lines", ("one", "two")),
        ("figures", (Figure(value="73 %"),)),
        ("frames", 120),
        ("camera", "still"),
        ("mood", "epic"),
    ],
)
def test_a_scene_may_change_and_the_change_is_kept(field, value):
    [edit] = edits(PLAN, with_scene(1, **{field: value}), max_seconds=30)
    assert edit.pointer == f"/scenes/1/{field}"
    assert edit.before == PLAN.scenes[1].model_dump(mode="json")[field]
    assert edit.after == with_scene(1, **{field: value}).scenes[1].model_dump(mode="json")[field]


@pytest.mark.parametrize("field", ["music_style", "voice"])
def test_the_sound_may_change(field):
    [edit] = edits(PLAN, changed(**{field: "other"}), max_seconds=30)
    assert (edit.pointer, edit.after) == (f"/{field}", "other")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("look", "neon"),
        ("seed", 8),
        ("aspect", "1:1"),
        ("resolution", "720p"),
        ("lang", "fr"),
        ("fps", 25),
        ("title", "U"),
        ("mood", "epic"),
        ("source", "script"),
        ("planner", "me"),
    ],
)
def test_what_keeps_the_video_consistent_is_locked(field, value):
    with pytest.raises(EditRefused, match=f"{field} is locked") as caught:
        edits(PLAN, changed(**{field: value}), max_seconds=30)
    assert caught.value.pointer == f"/{field}"


@pytest.mark.parametrize(("field", "value"), [("media", Media(object="o", type="image", sha256="0")), ("take", 1)])
def test_what_the_pipeline_keeps_in_a_scene_is_locked(field, value):
    with pytest.raises(EditRefused) as caught:
        edits(PLAN, with_scene(2, **{field: value}), max_seconds=30)
    assert caught.value.pointer == f"/scenes/2/{field}"


def test_scenes_may_be_removed_added_and_reordered():
    s1, s2, s3 = PLAN.scenes
    [removed] = edits(PLAN, changed(scenes=(s1, s3)), max_seconds=30)
    assert (removed.pointer, removed.before["id"], removed.after) == ("/scenes/1", "s2", None)
    [added] = edits(PLAN, changed(scenes=(s1, scene("s4"), s2, s3)), max_seconds=30)
    assert (added.pointer, added.before, added.after["id"]) == ("/scenes/1", None, "s4")
    [moved] = edits(PLAN, changed(scenes=(s3, s1, s2)), max_seconds=30)
    assert (moved.pointer, moved.before, moved.after) == ("/scenes", ["s1", "s2", "s3"], ["s3", "s1", "s2"])


@pytest.mark.parametrize("name", ["take2", "a.b", "a/b", "", "S9", "../x", "x" * 41])
def test_a_new_scene_needs_a_plain_id(name):
    with pytest.raises(EditRefused) as caught:
        edits(PLAN, changed(scenes=(*PLAN.scenes, scene(name))), max_seconds=30)
    assert caught.value.pointer == "/scenes/3/id"


@pytest.mark.parametrize(
    ("plan", "pointer"),
    [
        (with_scene(0, frames=30 * 40), "/scenes"),
        (with_scene(0, narration="x" * 10_001), "/scenes"),
        (with_scene(0, headline="x" * 301), "/scenes/0/headline"),
        (with_scene(0, lines=("x",) * 13), "/scenes/0/lines"),
        (with_scene(0, figures=(Figure(value="1", label="x" * 300),)), "/scenes/0/figures"),
        (with_scene(1, frames=MIN_FRAMES - 1), "/scenes/1/frames"),
        (changed(scenes=(*PLAN.scenes, scene("s4", frames=1))), "/scenes/3/frames"),
        (changed(scenes=tuple(scene(f"n{n}", frames=MIN_FRAMES) for n in range(61))), "/scenes"),
        (changed(voice="x" * 51), "/voice"),
    ],
)
def test_an_edit_stays_within_bounds(plan, pointer):
    with pytest.raises(EditRefused) as caught:
        edits(PLAN, plan, max_seconds=30)
    assert caught.value.pointer == pointer


def test_a_plan_that_is_long_already_may_keep_its_length():
    long = with_scene(0, frames=30 * 40)
    assert edits(long, long.model_copy(update={"voice": "w"}), max_seconds=30)


def test_a_scene_that_is_too_short_already_is_left_alone_but_not_changed_and_left_short():
    short = with_scene(1, frames=MIN_FRAMES - 1)
    assert edits(short, short.model_copy(update={"voice": "w"}), max_seconds=30)
    with pytest.raises(EditRefused, match=r"Scene s2 would stay for 3 frames, .* give it more frames or take it out"):
        edits(short, with_scene(1, frames=MIN_FRAMES - 1, headline="Two"), max_seconds=30)
    assert edits(short, with_scene(1, frames=MIN_FRAMES), max_seconds=30)


def test_new_texts_are_those_that_an_edit_brought_in():
    plan = with_scene(1, narration="New words.", lines=("a line",))
    assert list(texts(edits(PLAN, plan, max_seconds=30))) == ["New words.", "a line"]
