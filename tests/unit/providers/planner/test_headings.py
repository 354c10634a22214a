import pytest

from common.providers.planner.draft import Draft
from common.providers.planner.headings import distinct
from common.providers.planner.script import draft_script
from scripts.contact.prompts import prompts
from scripts.contact.sheet import plan_of

TITLE = Draft("title", "Tea.", "Tea")


def headlines(*drafts, lang="en"):
    return [draft.headline for draft in distinct([TITLE, *drafts], lang)][1:]


@pytest.mark.parametrize(
    ("kind", "headline"),
    [
        ("list", "At a glance"),
        ("steps", "Step by step"),
        ("recipe", "Ingredients"),
        ("comparison", "Side by side"),
        ("closing", "Keep in mind"),
        ("statement", "Tea"),
        ("statistic", "Tea"),
    ],
)
def test_a_scene_that_would_bear_the_title_again_is_called_what_it_is(kind, headline):
    assert headlines(Draft(kind, "Words.", "Tea")) == [headline]
    assert headlines(Draft(kind, "Words.", "Coffee")) == ["Coffee"]


def test_the_parts_of_a_list_are_numbered():
    part = Draft("list", "Words.", "Five habits")
    assert headlines(part, part, part) == ["Five habits", "Five habits (2)", "Five habits (3)"]
    titled = Draft("list", "Words.", "TEA")
    assert headlines(titled, titled) == ["At a glance", "At a glance (2)"]


def test_a_closing_shows_the_title_below_its_own_words():
    [_, bare] = distinct([TITLE, Draft("closing", "Words.", "Tea")], "fr")
    assert (bare.headline, bare.lines) == ("À retenir", ("Tea",))
    [_, told] = distinct([TITLE, Draft("closing", "Words.", "Tea", ("Start today", "or tomorrow"))], "fr")
    assert (told.headline, told.lines) == ("Start today", ("Tea", "or tomorrow"))


def test_words_in_a_script_without_a_name_for_it_stay():
    title, part = Draft("title", "…", "منارات"), Draft("list", "…", "منارات")
    assert [draft.headline for draft in distinct([title, part], "en")] == ["منارات", "منارات"]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_what_has_no_headline_is_given_neither_a_name_nor_a_number(lang):
    part = Draft("list", "…", "")
    assert headlines(part, part, part, Draft("steps", "…", ""), Draft("closing", "…", ""), lang=lang) == [""] * 5


def test_bullets_without_a_heading_in_a_script_without_a_name_for_them_have_no_headline():
    for item in ("تنظيف العدسة في كل صباح قبل الفجر", "Чистить линзу каждое утро до рассвета"):
        _, drafts = draft_script("\n".join(f"- {item}" for _ in range(10)), "en")
        assert len(drafts) > 2
        assert {draft.headline for draft in distinct(drafts, "en")} == {""}


@pytest.mark.parametrize("name", list(prompts()))
def test_no_film_ends_under_its_title(name):
    first, *_, last = plan_of(prompts()[name]).scenes
    assert first.headline.casefold() != last.headline.casefold()
