import pytest
from pydantic import ValidationError

from common.domain.edits import EditRefused, edits
from common.domain.pacing import scene_frames
from common.domain.patch import PlanPatch, merged
from common.domain.plan import MIN_FRAMES, Plan, Scene

PLAN = Plan(
    title="Lighthouses",
    lang="en",
    aspect="16:9",
    resolution="1080p",
    voice="warm",
    scenes=tuple(
        Scene(id=name, kind="statement", narration=f"Say {name}.", headline=name, lines=("one",), frames=90)
        for name in ("s1", "s2", "s3")
    ),
)
LONG = "Every purr is a small engine that runs on milk, and it runs the whole night without ever a break. " * 3


def patched(**fields: object) -> Plan:
    return merged(PLAN, PlanPatch.model_validate(fields))


def ids(plan: Plan) -> list[str]:
    return [scene.id for scene in plan.scenes]


def test_an_empty_patch_changes_nothing() -> None:
    assert patched() == PLAN


def test_a_field_changes_and_the_rest_of_the_scene_and_of_the_plan_stays() -> None:
    plan = patched(scenes={"s2": {"headline": "Two", "camera": "push_in"}})
    assert plan.scenes[1] == PLAN.scenes[1].model_copy(update={"headline": "Two", "camera": "push_in"})
    assert (plan.scenes[0], plan.scenes[2]) == (PLAN.scenes[0], PLAN.scenes[2])
    assert plan.model_copy(update={"scenes": PLAN.scenes}) == PLAN


def test_null_puts_a_field_back_and_takes_a_scene_out() -> None:
    plan = patched(scenes={"s1": {"lines": None}, "s3": None}, voice=None, music_style="ambient")
    assert (plan.scenes[0].lines, ids(plan), plan.voice, plan.music_style) == ((), ["s1", "s2"], "", "ambient")


def test_scenes_are_added_at_the_end_or_where_the_order_says() -> None:
    new = {"kind": "quote", "narration": "Light is the oldest signal of all.", "headline": "Light"}
    assert ids(patched(scenes={"s9": new})) == ["s1", "s2", "s3", "s9"]
    plan = patched(scenes={"s9": new}, order=["s9", "s3", "s2", "s1"])
    assert ids(plan) == ["s9", "s3", "s2", "s1"]
    assert plan.scene("s9").frames == scene_frames(new["narration"], "en")


def test_a_text_that_fits_keeps_the_length_and_one_that_does_not_makes_its_scene_longer() -> None:
    assert patched(scenes={"s1": {"narration": "Say it now."}}).scenes[0].frames == 90
    longer = patched(scenes={"s1": {"narration": LONG}}).scenes[0]
    assert longer.frames == scene_frames(LONG, "en") > 90
    assert patched(scenes={"s1": {"narration": LONG, "frames": 100}}).scenes[0].frames == 100


@pytest.mark.parametrize(
    ("patch", "pointer", "says"),
    [
        ({"scenes": {"s7": None}}, "/scenes/s7", "no scene 's7' to remove"),
        ({"scenes": {"s7": {"headline": "x"}}}, "/scenes/s7", "needs kind, narration, too"),
        ({"scenes": {"s1": None, "s2": None, "s3": None}}, "/scenes", "needs a scene"),
        ({"order": ["s1", "s2"]}, "/order", "every scene once: s1, s2, s3"),
        ({"order": ["s1", "s2", "s2"]}, "/order", "every scene once"),
        ({"order": ["s1", "s2", "s3", "s3"]}, "/order", "every scene once"),
    ],
)
def test_a_patch_that_does_not_fit_the_plan_is_refused(patch: dict[str, object], pointer: str, says: str) -> None:
    with pytest.raises(EditRefused, match=says) as refused:
        patched(**patch)
    assert refused.value.pointer == pointer


@pytest.mark.parametrize("name", sorted(set(Plan.model_fields) - {"scenes", "music_style", "voice"}))
def test_a_locked_field_of_the_plan_is_named(name: str) -> None:
    with pytest.raises(ValidationError, match=f"{name} of a plan is locked"):
        patched(**{name: getattr(PLAN, name)})


@pytest.mark.parametrize("name", ["id", "media", "take"])
def test_a_locked_field_of_a_scene_is_named(name: str) -> None:
    with pytest.raises(ValidationError, match=f"{name} of a scene is locked"):
        patched(scenes={"s1": {name: getattr(PLAN.scenes[0], name)}})


def test_every_field_of_a_scene_is_editable_or_locked() -> None:
    open_fields = set(PlanPatch.model_fields["scenes"].annotation.__args__[1].__args__[0].model_fields)  # type: ignore[union-attr]
    assert open_fields | {"id", "media", "take"} == set(Scene.model_fields)


@pytest.mark.parametrize(
    "patch",
    [
        {"scenes": {"s1": {"narration": None}}},
        {"scenes": {"s1": {"frames": None}}},
        {"scenes": {"s1": {"frames": 0}}},
        {"scenes": {"s1": {"frames": MIN_FRAMES - 1}}},
        {"scenes": {"s1": {"frames": 10**30}}},
        {"scenes": {"s1": {"mood": "furious"}}},
        {"scenes": {"s1": {"colour": "red"}}},
        {"scenes": [{"headline": "x"}]},
    ],
)
def test_what_does_not_fit_the_model_is_refused(patch: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        patched(**patch)


def test_a_patched_plan_is_judged_as_any_other_edit() -> None:
    changes = edits(PLAN, patched(scenes={"s2": {"headline": "Two"}}), max_seconds=30)
    assert [(change.pointer, change.before, change.after) for change in changes] == [
        ("/scenes/1/headline", "s2", "Two")
    ]


def test_a_scene_may_become_code_and_be_wiped_in():
    change = {"kind": "code", "syntax": "python", "lines": ["if lit:", "    shine()"], "transition": "wipe"}
    after = merged(PLAN, PlanPatch.model_validate({"scenes": {"s2": change}})).scene("s2")
    assert (after.kind, after.syntax, after.transition) == ("code", "python", "wipe")
    assert after.lines == ("if lit:", "    shine()")
    with pytest.raises(ValidationError, match="transition"):
        PlanPatch.model_validate({"scenes": {"s2": {"transition": "explode"}}})
