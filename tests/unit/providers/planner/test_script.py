"""A script's words are said in order; its scenes depend on their own text."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.domain.pacing import speech_seconds
from common.domain.request import PipelineRequest
from common.domain.syllables import tokens
from common.providers.planner.local import LocalPlanner
from common.providers.planner.port import Brief
from common.providers.planner.script import draft_script

SCRIPT = """# The Quiet Power of Trees

Trees are older than any city. They make the air we breathe, and they ask for little in return.

## What a tree does

Its leaves open in the morning light, and thousands of tiny pores begin to breathe. By noon the crown works like a pump.

- It cools the street
- It holds the soil
- It shelters birds and insects

> The best time to plant a tree was twenty years ago. — Proverb

73% of the square lay in the shade last summer.

| City | Trees |
|------|-------|
| Oslo | 70% |
| Paris | 21% |

Before, the square was hot and empty. After, it is full of voices.

### How to plant one

1. Dig a wide hole.
2. Loosen the soil.
3. Water it well.

In 1662 a book praised planting. In 1872 a day was named for it.

Plant one this year, and come back in ten to sit in its shade.
"""


def test_kinds_follow_the_text() -> None:
    title, drafts = draft_script(SCRIPT, "en")
    assert title == "The Quiet Power of Trees"
    assert [draft.kind for draft in drafts] == [
        "title", "statement", "split", "list", "quote", "statistic", "statistic", "comparison", "steps", "timeline",
        "closing",
    ]  # fmt: skip
    assert drafts[4].attribution == "Proverb"
    assert [(figure.value, figure.share) for figure in drafts[6].figures] == [("70%", 0.7), ("21%", 0.21)]
    assert drafts[8].lines == ("Dig a wide hole", "Loosen the soil", "Water it well")


def test_every_word_is_said_in_order() -> None:
    _, drafts = draft_script(SCRIPT, "en")
    said = [word.lower() for draft in drafts for word in tokens(draft.narration)]
    wanted = [word.lower() for word in tokens(re.sub(r"^\d\. |\|--.*$|\| City.*$", "", SCRIPT, flags=re.M))]
    assert said == wanted


def test_the_screen_never_repeats_a_paragraph() -> None:
    _, drafts = draft_script(SCRIPT, "en")
    for draft in drafts:
        if draft.kind in ("statement", "split"):
            assert len(draft.headline) + sum(map(len, draft.lines)) < len(draft.narration)


WORDS = ["river", "stone", "morning", "light", "village", "bridge", "water", "winter", "slow", "silver"]
PARAGRAPHS = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=6, max_size=14).map(lambda words: " ".join(words).capitalize() + "."),
    min_size=4,
    max_size=7,
)


@settings(max_examples=40, deadline=None)
@given(PARAGRAPHS, st.data())
def test_editing_one_paragraph_changes_only_its_scene(paragraphs: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(paragraphs) - 1))
    words = paragraphs[at].rstrip(".").split()
    edited = [*paragraphs[:at], " ".join([*words[:-1], "harbour"]) + ".", *paragraphs[at + 1 :]]
    before, after = (_plan("\n\n".join(texts)) for texts in (paragraphs, edited))
    changed = [old.id for old, new in zip(before.scenes, after.scenes, strict=True) if old != new]
    if paragraphs[at] != edited[at]:
        assert len(changed) == 1
    assert (before.mood, before.title) == (after.mood, after.title)


def _plan(text: str):  # type: ignore[no-untyped-def]
    return LocalPlanner().direct(Brief.of(PipelineRequest(content=text, preset="premium_spot")))


@pytest.mark.parametrize("lang", ["en", "fr", "ja"])
def test_long_paragraphs_are_cut_into_speakable_scenes(lang: str) -> None:
    sentence = (
        "灯台は夜の海を照らし、船を港へ導いてきました。"
        if lang == "ja"
        else "The keeper climbed the stairs with a lamp. "
    )
    _, drafts = draft_script(sentence * 12, lang)  # type: ignore[arg-type]
    assert len(drafts) > 3
    assert all(speech_seconds(draft.narration, lang) < 11.5 for draft in drafts)


def test_a_word_without_end_is_cut() -> None:
    _, drafts = draft_script("a" * 2000, "en")
    assert "".join(draft.narration.rstrip(".") for draft in drafts).replace(" ", "") == "a" * 2000


def test_code_between_fences_is_shown_as_it_was_written() -> None:
    code = "```python\nfor n in range(3):\n    print(n)\n```"
    plan = _plan(f"# Loops\n\nA loop repeats.\n\n## In Python\n\n{code}\n\nThat is all.")
    shown = next(scene for scene in plan.scenes if scene.kind == "code")
    assert (shown.syntax, shown.headline, shown.narration) == ("python", "In Python", "In Python.")
    assert shown.lines == ("for n in range(3):", "    print(n)")
    assert shown.frames >= 3 * 30, "there is time to read it"


def test_a_long_piece_of_code_takes_several_scenes_and_loses_no_line() -> None:
    lines = [f"line{number} = {number}" for number in range(23)]
    _, drafts = draft_script("\n".join(["Words before the code.", "", "```", *lines, "```"]), "en")
    pieces = [draft.lines for draft in drafts if draft.kind == "code"]
    assert [line for piece in pieces for line in piece] == lines
    assert max(map(len, pieces)) <= 10
    assert max(map(len, pieces)) - min(map(len, pieces)) <= 1


RECIPE = """# Pancakes

## Ingredients

- 200 g flour
- 2 eggs
- 300 ml of milk
- Butter for the pan

## Method

1. Whisk flour, eggs and milk.
2. Let it rest for ten minutes.
3. Fry thin pancakes in butter.
"""


def test_a_recipe_has_its_ingredients_beside_its_method() -> None:
    _, drafts = draft_script(RECIPE, "en")
    assert [draft.kind for draft in drafts] == ["title", "recipe"]
    assert [(part.value, part.label) for part in drafts[1].figures] == [
        ("200 g", "Flour"), ("2", "Eggs"), ("300 ml", "Milk"), ("", "Butter for the pan"),
    ]  # fmt: skip
    whisk, *_, fry = drafts[1].lines
    assert (whisk, fry) == ("Whisk flour, eggs and milk", "Fry thin pancakes in butter")
    said = [word.lower() for draft in drafts for word in tokens(draft.narration)]
    assert said == [word.lower() for word in tokens(re.sub(r"^\d\. ", "", RECIPE, flags=re.M))]


FACTS = "- Weight: 300 g\n- Capacity: 1 l\n- Height: 20 cm"
HABITS = "- 5 g proteins a day\n- 7 hours of sleep\n- 2 l of water"
DOUGH = "- 200 g flour\n- 2 eggs\n- 300 ml milk"


@pytest.mark.parametrize(
    ("script", "cooks"),
    [
        (f"# The new flask\n\n{FACTS}", False),
        (f"# The new flask\n\n{FACTS}\n\n1. Fill it.\n2. Close it.", False),
        (f"# A good day\n\n## What it takes\n\n{HABITS}\n\nThat is all.", False),
        (HABITS, False),
        (f"# Pancakes\n\n{DOUGH}", False),
        (f"# A recipe for pancakes\n\n{DOUGH}", True),
        (f"# Pancakes\n\n## Our recipe\n\n{DOUGH}", True),
        (f"# Pancakes\n\n{DOUGH}\n- a pinch of salt", True),
        (f"# Pancakes\n\n{DOUGH}\n\n## Method\n\n1. Whisk.\n2. Fry.", True),
        (f"# Cake\n\n## Dough\n\n{DOUGH}\n\n## Filling\n\n{DOUGH}\n\n1. Whisk.\n2. Bake.", True),
    ],
)
def test_amounts_are_ingredients_where_something_else_tells_a_recipe(script: str, cooks: bool) -> None:
    _, drafts = draft_script(script, "en")
    assert any(draft.kind == "recipe" for draft in drafts) is cooks
    assert any(draft.headline == "Ingredients" for draft in drafts) <= cooks


def test_a_long_method_has_scenes_of_its_own() -> None:
    more = "".join(f"{n}. Then do this and that with care and patience.\n" for n in range(4, 8))
    _, drafts = draft_script(RECIPE + more, "en")
    assert [draft.kind for draft in drafts][:3] == ["title", "recipe", "steps"]
    assert drafts[1].lines == ()


def test_a_list_without_a_heading_is_named_in_its_own_script() -> None:
    for title, item in (("كيف قادت المنارات السفن", "تنظيف العدسة"), ("Маяки", "Чистить линзу")):
        _, drafts = draft_script(f"# {title}\n\n- {item}\n- {item}", "en")
        assert drafts[1].headline == title
    _, drafts = draft_script("# Lighthouses\n\n- Clean the lens\n- Wind the clock", "en")
    assert drafts[1].headline == "At a glance"


def test_dates_of_a_long_list_stay_timelines() -> None:
    dates = "".join(f"- {1900 + n}: Something happened that takes quite a few words to be told\n" for n in range(7))
    _, drafts = draft_script(f"# Years\n\n{dates}", "en")
    found = [draft for draft in drafts if draft.kind == "timeline"]
    assert [date.value for draft in found for date in draft.figures] == [str(1900 + n) for n in range(7)]
    assert min(len(draft.figures) for draft in found) >= 2
