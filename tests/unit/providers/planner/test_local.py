"""The local planner: any text is a valid plan or a clear refusal, of exactly the asked length."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.domain.frame import FPS
from common.domain.pacing import least_frames
from common.domain.plan import Figure, Media, Plan
from common.domain.request import PipelineRequest
from common.providers.errors import Refused
from common.providers.planner.draft import Draft
from common.providers.planner.local import LocalPlanner, at_most
from common.providers.planner.port import Brief, ScriptTooLong, UnusableScript

LANGS = ["en", "fr", "es", "de", "it", "pt", "ja", "zh", "ko"]
LIGHTHOUSES = "How lighthouses guided ships for two thousand years"


def direct(content: str, track: Any = "full", **fields: Any) -> Plan:
    return LocalPlanner().direct(Brief.of(PipelineRequest(content=content, **fields), track))


def test_a_line_becomes_a_video_of_the_asked_length() -> None:
    plan = direct(LIGHTHOUSES, duration_sec=30)
    assert plan.frames == 30 * FPS
    assert 5 <= len(plan.scenes) <= 6
    assert plan.scenes[0].kind == "title"
    assert plan.scenes[-1].kind == "closing"
    assert "template" in plan.planner
    assert "lighthouses" in " ".join(scene.narration for scene in plan.scenes).lower()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("seconds", [5, 12, 30, 90, 180])
def test_prompts_fill_any_length_in_any_language(lang: str, seconds: int) -> None:
    plan = direct("Lighthouses", preset="premium_spot", lang=lang, duration_sec=seconds)
    assert plan.frames == seconds * FPS
    said = [scene.narration for scene in plan.scenes]
    assert len(set(said)) == len(said)
    assert all(least_frames(scene.narration, lang) <= scene.frames for scene in plan.scenes)


def test_three_minutes_do_not_repeat_themselves() -> None:
    plan = direct(LIGHTHOUSES, preset="premium_spot", duration_sec=180)
    assert 20 <= len(plan.scenes) <= 25
    sentences = [part for scene in plan.scenes for part in scene.narration.split(". ")]
    assert len(set(sentences)) == len(sentences)


def test_five_minutes_are_possible() -> None:
    brief = Brief(content=LIGHTHOUSES, source="prompt", seconds=300, max_seconds=300)
    assert LocalPlanner().direct(brief).frames == 300 * FPS


def test_the_fast_track_has_three_scenes_and_half_a_minute_at_most() -> None:
    plan = direct("Say happy birthday to Anna", track="fast")
    assert len(plan.scenes) <= 3
    assert plan.seconds <= 30
    assert "Anna" in plan.scenes[0].narration
    script = direct(
        "One two three. " * 5 + "\n\nMore of it. And more.\n\nAgain a paragraph.\n\nThe end now.", track="fast"
    )
    assert len(script.scenes) <= 3


CODE = tuple(f"x{n} = {n}" for n in range(7))


@pytest.mark.parametrize("more", ["Words after it.", "Words after it.\n\n- One\n- Two\n\nA closing word.\n\nAnother."])
def test_the_fast_track_keeps_code_whole(more: str) -> None:
    fence = "\n".join(("```python", *CODE, "```"))
    plan = direct(f"# Hello\n\nWords before it.\n\n{fence}\n\n{more}", "fast", preset="quick_social")
    [code] = [scene for scene in plan.scenes if scene.kind == "code"]
    assert (code.lines, code.syntax) == (CODE, "python")
    assert len(plan.scenes) == 3
    said = " ".join(scene.narration for scene in plan.scenes)
    assert "Words before it." in said
    assert "Words after it." in said


def test_scenes_joined_keep_what_they_show() -> None:
    parts = tuple(Figure(value=f"{n} g", label="flour") for n in range(6))
    title, words = Draft("title", "Hello.", "Hello"), Draft("statement", "Words.", "Words", ("one", "two"))
    recipe = Draft("recipe", "Six parts.", "", ("mix", "bake"), parts)
    code = Draft("code", "", "Code", CODE, syntax="python")
    alone = Draft("list", "A list.", "List", ("1", "2", "3", "4", "5"))
    assert at_most([title, alone, words, words], 3)[:2] == [title, alone]
    assert at_most([title, words, words, recipe], 2)[1] == replace(
        recipe, narration="Words. Six parts.", headline="Words"
    )
    assert at_most([words, code, code, title], 1) == [replace(code, narration="Words. Hello.", lines=CODE * 2)]
    assert at_most([code, replace(code, syntax="sql")], 1)[0].syntax == ""


def test_equal_briefs_give_equal_plans_and_seeds_vary_them() -> None:
    assert direct(LIGHTHOUSES) == direct(LIGHTHOUSES)
    texts = {" ".join(scene.narration for scene in direct(LIGHTHOUSES, seed=seed).scenes) for seed in range(6)}
    assert len(texts) > 2


def test_cameras_never_repeat_in_a_row() -> None:
    cameras = [scene.camera for scene in direct(LIGHTHOUSES, preset="premium_spot", duration_sec=180).scenes]
    assert all(first != second for first, second in pairwise(cameras))
    assert len(set(cameras)) >= 4


def test_listed_figures_become_statistics() -> None:
    plan = direct("Stats: 73% of people sleep badly, 1 in 4 skip breakfast, 2.5 million walk to work")
    shown = [figure.value for scene in plan.scenes if scene.kind == "statistic" for figure in scene.figures]
    assert shown == ["73%", "1 in 4", "2.5 million"]


def test_a_script_too_long_says_what_is_needed_and_what_fits() -> None:
    minute = "The keeper climbed the stairs with a lamp in his hand, and counted every step aloud. " * 12
    with pytest.raises(ScriptTooLong, match="brand_campaign, premium_spot") as caught:
        direct(minute)
    assert caught.value.needed > caught.value.allowed == 30
    assert direct(minute, preset="brand_campaign").frames > 45 * FPS
    with pytest.raises(ScriptTooLong, match="duration asked for is 20 s"):
        direct(minute, preset="brand_campaign", duration_sec=20)
    with pytest.raises(ScriptTooLong, match="no preset is longer than 180 s"):
        direct((minute * 10)[:10_000], preset="premium_spot")


def test_a_script_of_ten_thousand_characters_fits_where_it_may_take_its_time() -> None:
    text = ("The keeper climbed the stairs with a lamp in his hand, and counted every step aloud. " * 120)[:10_000]
    plan = LocalPlanner().direct(Brief(content=text, source="script", max_seconds=900))
    assert 400 < plan.seconds < 900
    assert all(scene.frames <= 13 * FPS for scene in plan.scenes)


@pytest.mark.parametrize("content", ["--- *** ---", "..........", "\n***\n\n---\n___"])
def test_nothing_to_say_is_a_refusal(content: str) -> None:
    with pytest.raises(UnusableScript, match="write what it should say"):
        LocalPlanner().direct(Brief(content=content, source="prompt", seconds=30, max_seconds=30))


@pytest.mark.parametrize(
    ("content", "lang"),
    [
        ("灯台の歴史についての動画を作ってください", "ja"),
        ("Recette de tarte au citron", "fr"),
        ("La historia de los faros de la costa", "es"),
    ],
)
def test_a_text_in_another_language_is_planned_in_its_own_and_says_so(content: str, lang: str) -> None:
    plan = direct(content)
    assert plan.lang == lang
    assert f"the text is in {lang}" in plan.planner


def test_a_script_we_have_no_templates_for_is_said_as_it_is() -> None:
    plan = direct("تاريخ المنارات عبر العصور")
    assert plan.source == "script"
    assert [scene.narration.rstrip(".") for scene in plan.scenes] == ["تاريخ المنارات عبر العصور"]
    assert plan.seconds >= 5


def pictures(count: int) -> tuple[Media, ...]:
    return tuple(Media(object=f"media/{n:064x}.png", type="image", sha256=f"{n:064x}") for n in range(count))


@pytest.mark.parametrize("count", [1, 3, 6])
def test_pictures_are_used_once_in_order(count: int) -> None:
    plan = direct(LIGHTHOUSES, media=pictures(count))
    used = [scene.media for scene in plan.scenes if scene.media]
    assert tuple(used) == pictures(count)


@pytest.mark.parametrize(("items", "kind"), [(3, "split"), (5, "list")])
def test_a_list_makes_room_for_a_picture_where_its_lines_fit_beside_it(items: int, kind: str) -> None:
    lines = "\n".join(f"- Habit {word}" for word in ("one", "two", "three", "four", "five")[:items])
    plan = direct(f"# Habits\n\n{lines}\n\nThe end of it.", media=pictures(1), preset="premium_spot")
    [scene] = [scene for scene in plan.scenes if scene.media]
    assert (scene.kind, len(scene.lines)) == (kind, items)


def test_pictures_without_a_scene_are_named() -> None:
    plan = direct(LIGHTHOUSES, media=pictures(9))
    assert f"{9 - len(plan.scenes)} of 9 pictures found no scene" in plan.planner


@settings(max_examples=80, deadline=None)
@given(
    st.text(min_size=10, max_size=400).filter(lambda text: len(text.strip()) >= 10),
    st.sampled_from(LANGS),
    st.none() | st.integers(5, 180),
    st.sampled_from(["fast", "full"]),
    st.integers(0, 3),
)
def test_any_text_is_a_plan_or_a_refusal(text: str, lang: str, seconds: int | None, track: str, seed: int) -> None:
    brief = Brief.of(
        PipelineRequest(content=text, lang=lang, duration_sec=seconds, preset="premium_spot", seed=seed),  # type: ignore[arg-type]
        track,  # type: ignore[arg-type]
    )
    try:
        plan = LocalPlanner().direct(brief)
    except Refused:
        return
    if brief.seconds is not None:
        assert plan.frames == brief.seconds * FPS
    assert len({scene.id for scene in plan.scenes}) == len(plan.scenes)
    assert all(scene.narration or scene.headline or scene.lines for scene in plan.scenes)
    assert 0 < len(plan.title) <= 60
    assert track == "full" or len(plan.scenes) <= 3


@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet="aB1.%#-*>|`_[]() \n:=~é灯🎉,'\"", min_size=10, max_size=300).filter(
        lambda t: len(t.strip()) >= 10
    )
)
def test_any_markup_is_a_plan_or_a_refusal(text: str) -> None:
    try:
        plan = direct(text, preset="premium_spot")
    except Refused:
        return
    assert plan.scenes
